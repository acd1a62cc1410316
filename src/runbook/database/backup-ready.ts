import { bytesInWords } from '../../domain/text/amounts.ts'
import { bytesInside, dataAtLatest, standingOf, type Backup } from '../../domain/data/backup.ts'
import { toMs } from '../../domain/base/instant.ts'
import { inRoundWords } from '../../domain/text/duration.ts'
import type { ReadinessCheck } from '../../domain/readiness/readiness.ts'
import { backupsOf } from '../parts/require-port.ts'
import type { Circumstances } from '../procedure.ts'
import { chosenBackup } from './chosen.ts'

/** Whether the backup that a plan takes now was read whole, and whether the tools are there that restore it. */
export async function backupReady(
  circumstances: Circumstances,
): Promise<readonly ReadinessCheck[]> {
  const { world, signal } = circumstances
  const [chosen, tools] = await Promise.all([
    chosenBackup(null, circumstances),
    backupsOf(world).tools(signal),
  ])
  const broken = tools.flatMap(({ name, problem }) => {
    return problem === null ? [] : [`${name}: ${problem}`]
  })
  return [
    ...(broken.length > 0 ? [check('not-ready', broken.join('; '))] : []),
    // Why there is none, the plan says.
    ...(chosen.kind === 'infeasible' ? [] : [readWhole(chosen.backup, world.clock.now())]),
  ]
}

function readWhole(backup: Backup, nowMs: number): ReadinessCheck {
  const age = inRoundWords(nowMs - toMs(dataAtLatest(backup)))
  const what = `${backup.id}, ${age} old, ${bytesInWords(bytesInside(backup))}`
  return standingOf(backup) === 'verified'
    ? check('ready', `${what}, was read whole`)
    : check(
        'not-ready',
        `nobody has read ${what} whole yet: whether it can be restored is not known`,
      )
}

function check(state: ReadinessCheck['state'], because: string): ReadinessCheck {
  return { name: 'backups', state, because }
}
