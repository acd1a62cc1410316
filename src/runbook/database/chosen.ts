import { chooseBackup, type ChosenBackup, type Wanted } from '../../domain/data/choose-backup.ts'
import { toIso, toMs } from '../../domain/base/instant.ts'
import type { Workload } from '../../domain/workload/workload.ts'
import { ownVersion } from '../../domain/workload/versions.ts'
import type { DataServer } from '../../ports/collections.ts'
import { backupsOf, collectionsOf } from '../parts/require-port.ts'
import { infeasible, type Circumstances } from '../procedure.ts'
import type { Infeasible } from '../../domain/plan/plan.ts'

export const NOT_CONFIGURED = infeasible('not configured')

type Chosen = Extract<ChosenBackup, { kind: 'chosen' }> & { readonly server: DataServer }

/** The backup to restore, and where to; or why there is none. */
export async function chosenBackup(
  id: string | null,
  { world, settings, beganAt, signal }: Circumstances,
): Promise<Infeasible | Chosen> {
  const { database } = settings
  if (!database || !world.collections || !world.backups) return NOT_CONFIGURED
  const [server, backups, running] = await Promise.all([
    collectionsOf(world).server(signal),
    backupsOf(world).list(signal),
    world.workloads?.list(database.writers, signal) ?? [],
  ])
  const why = whyNotThere(server)
  if (why !== null) return infeasible(why)
  const nowMs = world.clock.now()
  const began = beganAt ?? toIso(nowMs)
  const chosen = chooseBackup(backups, {
    id,
    database: server.database,
    serverVersion: server.version,
    collections: database.collections,
    maxAgeMs: database.maxBackupAgeMs,
    nowMs,
    beganAt: began,
    release: releaseBefore(running, toMs(began)),
  })
  return chosen.kind === 'none' ? infeasible(chosen.because) : { ...chosen, server }
}

/** Why nothing can be restored to this server and switched, whatever is in the catalogue. */
export function whyNotThere({ topology, lacks, identity }: DataServer): string | null {
  if (topology === 'sharded') {
    return 'the database is sharded: its collections cannot be switched by renames'
  }
  if (lacks === null || lacks.length === 0) return null
  return `the account at ${identity} lacks ${lacks.join(', ')}: docs/database.md has the role that it needs`
}

/** The newest version of any of them that came before the trouble. */
export function releaseBefore(running: readonly Workload[], beganMs: number): Wanted['release'] {
  const came = running.flatMap(({ service, changed, current }) => {
    const since = changed?.kind === 'version' ? changed.since : (changed?.versionSince ?? null)
    if (!since || !current || toMs(since.time) > beganMs) return []
    return [{ name: `${service} ${ownVersion(current)}`, at: since.time }]
  })
  return came.toSorted((a, b) => toMs(b.at) - toMs(a.at))[0] ?? null
}
