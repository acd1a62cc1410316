import type { Wanted } from '../../domain/data/choose-backup.ts'
import { toIso, toMs } from '../../domain/base/instant.ts'
import { NEVER_SECONDS } from '../../domain/data/backup.ts'
import { readKeptName } from '../../domain/data/kept-name.ts'
import { utcDayAndTime, utcTime } from '../../domain/text/utc.ts'
import type { Draft, PlannedChange } from '../../domain/plan/plan.ts'
import { leftStanding } from '../../domain/plan/left-standing.ts'
import type { DataServer } from '../../ports/collections.ts'
import { finishing } from '../parts/finish.ts'
import { leftDown } from '../parts/left-down.ts'
import { maintenanceSwitch, type MaintenanceSwitch } from '../parts/maintenance.ts'
import { tellPeople, whileStopped, type Told } from '../parts/while-stopped.ts'
import { draftOf, joined, partOf, type Part } from '../parts/part.ts'
import type { Pause, Pausing } from '../parts/pausing.ts'
import { applicationPart, proofPart } from '../parts/proof.ts'
import { collectionsOf } from '../parts/require-port.ts'
import { infeasible, wayBack, type Circumstances, type Judged } from '../procedure.ts'
import { chosenBackup, NOT_CONFIGURED, releaseBefore, whyNotThere } from './chosen.ts'
import {
  lossInWords,
  quarantineName,
  sumOf,
  type ComparedCollection,
  type RestoredBeside,
} from './comparison.ts'
import { backupReady } from './backup-ready.ts'
import { migrationNow, migrationPart, whyNotCopied, type Migration } from './migration.ts'
import { dependentTasks, switchCautions } from './switch-cautions.ts'
import { standingBeside } from './standing-beside.ts'
import { switchCollections } from './steps/switch-collections.ts'
import { hasSwitched, migrationLeft } from './unfinished.ts'
import type { Switched } from './switch-positions.ts'

/** What stands beside the live data, and where. */
export type Beside = {
  readonly restored: RestoredBeside
  readonly server: DataServer
  /** What may have damaged the data, and runs still. */
  readonly release: Wanted['release']
  /** `null`: none is configured that could be taken back. */
  readonly migration: Migration | null
}
type Found =
  /** The data is switched, and the plan that did it has left something. */
  | { readonly kind: 'finish'; readonly draft: Draft }
  | (Beside & { readonly kind: 'switch'; readonly pause: Pause })

/** What was restored beside becomes live, and what was live is kept: seconds, whatever the size. */
export function databaseSwitch(pausing: Pausing) {
  return wayBack<'database', Found, MaintenanceSwitch | null>({
    /** Before anything is restored, what an assessment offers is to restore. */
    async glance(circumstances) {
      const { world, plans, signal, settings } = circumstances
      if (!settings.database || !world.collections) return NOT_CONFIGURED
      const stands = standingBeside(plans, await collectionsOf(world).list(signal))
      if (stands.kind === 'stands') {
        return { ...feasibleBy(stands.restored), found: null }
      }
      const chosen = await chosenBackup(null, circumstances)
      if (chosen.kind === 'infeasible') return chosen
      const because = `${chosen.backup.id}, ${chosen.because}; restored beside first, which users do not notice`
      return {
        kind: 'feasible',
        to: null,
        because,
        warnings: chosen.cautions.map((one) => one.replace(/\.$/, '')),
        found: null,
      }
    },

    look: (_, circumstances) => judged(pausing, circumstances),

    checks: async (_, circumstances) => backupReady(circumstances),

    beside: (circumstances) => maintenanceSwitch(circumstances),

    draft(found, maintenance, circumstances) {
      if (found.kind === 'finish') return found.draft
      const { restored, server } = found
      const { settings } = circumstances
      const names = restored.compared.collections.map(({ name }) => name)
      const words = {
        title: `switch ${names.join(', ')} to ${restored.backup}`,
        because: `${restored.backup} was restored beside by plan ${restored.plan}, verified and compared`,
        lost: lostBy(restored),
        undo: 'Yes, until it is tidied up: the same switch the other way, as a plan with its own signatures. What is written until then is set aside in its turn.',
        cautions: [
          ...switchCautions(found, settings, {
            services: settings.database?.writers ?? [],
            by: 'procedures.database.writers',
          }),
        ],
        ...dependentTasks(settings),
      }
      const parts = aroundSwitch(
        {
          ...switchPart(found, settings),
          targets: [`database ${server.database}`],
        },
        { pause: found.pause, told: tellPeople(maintenance, circumstances.plans) },
        circumstances,
      )
      return draftOf('database', words, parts, settings)
    },
  })
}

async function judged(pausing: Pausing, circumstances: Circumstances): Promise<Judged<Found>> {
  const { database } = circumstances.settings
  if (!database || !circumstances.world.collections) return NOT_CONFIGURED
  const givesBackAfter = switchCollections.id
  const [beside, pause, down] = await Promise.all([
    foundBeside(circumstances),
    pausing(database.writers, circumstances, { givesBackAfter }),
    leftDown(circumstances, { givesBackAfter }),
  ])
  if ('problem' in pause) return infeasible(pause.problem)
  if (beside.kind === 'infeasible') {
    const left = await leftBySwitch(pause, circumstances)
    return left ?? beside
  }
  const started = { ...pause, start: joined([pause.start, down.start]) }
  return { ...beside, found: { ...beside.found, kind: 'switch', pause: started } }
}

/** What a switch that has come to its end has left: there is nothing to be switched any more. */
async function leftBySwitch(
  pause: Pause,
  circumstances: Circumstances,
): Promise<Judged<Found> | null> {
  const stopped = leftStanding(circumstances.plans)
  if (!hasSwitched(stopped)) return null
  const inner = await migrationLeft(stopped, circumstances)
  if ('problem' in inner) return infeasible(inner.problem)
  const finish = { kind: 'database', stopped, pause, people: [], inner } as const
  const draft = await finishing(finish, circumstances)
  if (!draft) return null
  const { because } = draft
  return { kind: 'feasible', to: null, because, warnings: [], found: { kind: 'finish', draft } }
}

export async function foundBeside({
  world,
  settings,
  plans,
  beganAt,
  signal,
}: Circumstances): Promise<Judged<Beside>> {
  const { database } = settings
  if (!database || !world.collections) return NOT_CONFIGURED
  const stores = collectionsOf(world)
  const [server, list, running, migration] = await Promise.all([
    stores.server(signal),
    stores.list(signal),
    world.workloads?.list(database.writers, signal) ?? [],
    migrationNow({ world, settings, signal }),
  ])
  const why = whyNotThere(server)
  if (why !== null) return infeasible(why)
  const stands = standingBeside(plans, list)
  if (stands.kind === 'infeasible') return stands
  const notCopied = whyNotCopied(migration, list)
  if (notCopied !== null) return infeasible(notCopied)
  const { restored } = stands
  const release = releaseBefore(running, toMs(beganAt ?? toIso(world.clock.now())))
  return { ...feasibleBy(restored), found: { restored, server, release, migration } }
}

function feasibleBy({ backup }: RestoredBeside) {
  const because = `${backup} stands beside the live data, compared`
  return { kind: 'feasible', to: null, because, warnings: [] } as const
}

/** Stopped for the switch alone, then started and proved. */
export function aroundSwitch(
  switched: Part,
  { pause, told }: { readonly pause: Pick<Pause, 'stop' | 'start'>; readonly told: Told },
  { settings }: Circumstances,
): readonly Part[] {
  const proof = proofPart(settings, { versions: {}, without: [] })
  return whileStopped(switched, {
    told,
    stop: pause.stop,
    afterwards: [pause.start, proof, applicationPart(settings)],
    givesBackAfter: switchCollections.id,
  })
}

export function switchPart(
  { restored, server, migration }: Beside,
  settings: Circumstances['settings'],
): Part {
  const { backup, compared } = restored
  const { collections, moment } = compared
  const most = settings.database?.mostWrittenMeanwhile ?? 0
  const input = {
    server: server.identity,
    collections: collections.map(switchedOf),
    expiries: collections.flatMap(expiriesOf),
    fence: server.fence === 'offered',
    since: moment === null ? null : { moment, most },
  }
  const changes: readonly PlannedChange[] = collections.map((one) => ({
    what: `collection ${one.name}`,
    from: one.live === null ? 'none' : `as it is now (compared ${utcDayAndTime(compared.to)})`,
    to: `as in ${backup}`,
    details: [lossInWords(one)],
  }))
  const switched = partOf(switchCollections, input, { changes })
  return joined([switched, migrationPart(migration, server)])
}

function switchedOf({ name, live, backup, backupAs }: ComparedCollection): Switched {
  const kept = readKeptName(backupAs)
  if (!kept) throw new Error(`${backupAs} is not a name of ours`)
  return {
    name,
    live: live === null ? null : { uuid: live, asideAs: quarantineName(kept, name) },
    beside: { uuid: backup, standsAs: backupAs },
  }
}

/** In what is set aside nothing expires; in what becomes live it does. */
function expiriesOf({ live, backup, expiries, liveExpiries }: ComparedCollection) {
  const aside = liveExpiries.map(({ index, seconds }) => {
    return { uuid: live ?? '', index, before: seconds, after: NEVER_SECONDS }
  })
  const become = expiries.map(({ index, seconds }) => {
    return { uuid: backup, index, before: NEVER_SECONDS, after: seconds }
  })
  return [...(live === null ? [] : aside), ...become]
}

export function lostBy({ compared }: RestoredBeside): string {
  const sum = lossInWords(sumOf(compared.collections))
  return `${sum.charAt(0).toUpperCase()}${sum.slice(1)}. Counted at ${utcTime(compared.to)}; what is written later comes on top. Nothing of it is deleted: “undo” and “salvage” have it.`
}
