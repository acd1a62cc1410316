import { toIso, toMs } from '../../domain/base/instant.ts'
import { inRoundWords } from '../../domain/text/duration.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { partOf } from '../parts/part.ts'
import { backupsOf, collectionsOf } from '../parts/require-port.ts'
import type { Tidying } from '../parts/tidying.ts'
import { keptAmong, type Kept } from './kept.ts'
import { dropKeptData } from './steps/drop-kept-data.ts'
import { restoredBeside } from './comparison.ts'
import { newestSwitch } from './switched-by.ts'
import { bytesInWords } from '../../domain/text/amounts.ts'

const WHAT: Readonly<Record<Kept['kept']['role'], string>> = {
  try: 'left over by a restore that ended early',
  new: 'restored, or live until an undo',
  old: 'live until a switch',
  copy: 'as it was before a migration was taken back',
}

/** What switches have set aside, what restores have left beside, and the copies made before them. */
export const keptData: Tidying = async ({ world, settings, plans, signal }) => {
  const { database } = settings
  if (!database || !world.collections || !world.backups) return { kind: 'nothing', because: null }
  const stores = collectionsOf(world)
  const [server, list, catalogue] = await Promise.all([
    stores.server(signal),
    stores.list(signal),
    backupsOf(world).list(signal),
  ])
  const nowMs = world.clock.now()
  const kept = keptAmong(list)
  const free = kept.filter((one) => freeFromMs(one, plans, database.keepMs) <= nowMs)
  const old = catalogue.flatMap(({ id, bytes, manifest, changedAt }) => {
    const ours = manifest?.purpose === 'safety' && toMs(changedAt) + database.keepMs <= nowMs
    return ours && manifest ? [{ id, bytes, changedAt, sha256: manifest.artefact.sha256 }] : []
  })
  const collections = free.flatMap(({ collection: { name, uuid } }) =>
    uuid === null ? [] : [{ name, uuid }],
  )
  if (collections.length + old.length === 0)
    return { kind: 'nothing', because: nothingOf(kept, plans, database.keepMs) }
  const input = {
    server: server.identity,
    collections,
    backups: old.map(({ id, sha256 }) => ({ id, sha256 })),
  }
  const part = partOf(dropKeptData, input, {
    targets: [`database ${server.database}`],
    lost: [
      'What was set aside, for good: the switches that did it cannot be undone or salvaged from any more.',
    ],
    changes: [
      ...free.map(({ collection: { name }, kept: { role } }) => {
        return { what: name, from: WHAT[role], to: 'removed' }
      }),
      ...old.map(({ id, bytes, changedAt }) => ({
        what: id,
        from: `${bytesInWords(bytes)}, made ${utcDayAndTime(changedAt)} before a restore`,
        to: 'removed',
      })),
    ],
  })
  const count = collections.length + old.length
  const what = `${count} kept ${count === 1 ? 'thing' : 'things'} of ${server.database}`
  return { kind: 'kept', part, what, ofPeople: true }
}

function nothingOf(kept: readonly Kept[], plans: readonly PlanState[], keepMs: number): string {
  if (kept.length === 0) return 'nothing is kept in the database'
  const first = Math.min(...kept.map((one) => freeFromMs(one, plans, keepMs)))
  return `what is kept in the database stays for ${inRoundWords(keepMs)} (procedures.database.keepDays), until ${utcDayAndTime(toIso(first))}`
}

/** From when on it may go. What was live once is kept as long as the settings say; what never was is not missed. */
function freeFromMs(
  { collection, kept }: Kept,
  plans: readonly PlanState[],
  keepMs: number,
): number {
  // Of what the settings keep for no time at all, none is kept until the day is over.
  if (kept.role === 'try' || keepMs === 0) return 0
  const restored = restoredBeside(plans)?.compared.collections ?? []
  const neverLive =
    newestSwitch(plans) === null && restored.some(({ backup }) => backup === collection.uuid)
  return neverLive ? 0 : dayAfterMs(kept.incident) + keepMs
}

const DAY_MS = 24 * 60 * 60_000

/** The end of the day in an incident’s id, `20261122-k7qf`: nothing of it is older. */
function dayAfterMs(incident: string): number {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})-/.exec(incident) ?? []
  // Of an id that tells no day nothing is ever removed.
  return year === undefined ? Infinity : toMs(`${year}-${month}-${day}T00:00:00Z`) + DAY_MS
}
