import { z } from 'zod'
import { toIso } from '../../../domain/base/instant.ts'
import { utcTime } from '../../../domain/text/utc.ts'
import type { CollectionContents } from '../../../domain/data/backup.ts'
import { defineStep, type WriteContext } from '../../../engine/run/step.ts'
import { backupsOf, collectionsOf } from '../../parts/require-port.ts'
import { lossInWords, type Compared, type ComparedCollection } from '../comparison.ts'
import { expiriesOf } from '../expiries-of.ts'
import { keptOf, type Kept } from '../kept.ts'

const Input = z.object({
  backup: z.string(),
  collections: z.array(z.string()).min(1),
  bytes: z.number(),
})

const SLOWEST_BYTES_A_SECOND = 500_000

/** What a switch to the restored collections would lose, counted. It only reads. */
export const compareData = defineStep({
  id: 'compare-data',
  input: Input,
  deadlineMs: ({ bytes }) => 30 * 60_000 + (bytes / SLOWEST_BYTES_A_SECOND) * 1_000,
  onAbort: 'interrupt',
  whenStopped: 'it is ended, and what was restored stays beside',
  onUndo: { kind: 'leave' },

  title: () => 'Count what has been written since the backup',

  async inspect({ world, key, signal }, { collections }) {
    const ours = keptOf(await collectionsOf(world).list(signal), key)
    const beside = ours.filter(({ kept }) => kept.role === 'new')
    const missing = collections.filter(
      (name) => !beside.some(({ kept }) => kept.collection === name),
    )
    if (missing.length > 0) {
      const says = `${missing.join(', ')}: what was restored beside is gone`
      return { kind: 'blocked', begun: false, says }
    }
    return { kind: 'needed', begun: 'no-mark', seen: beside }
  },

  async apply(context, { backup: id, collections }, beside) {
    const { world, signal, interrupted } = context
    const stores = collectionsOf(world)
    const until = AbortSignal.any([signal, interrupted])
    try {
      const backups = await backupsOf(world).list(until)
      const manifest = backups.find((one) => one.id === id)?.manifest ?? null
      const moment = await stores.moment(until)
      const from = toIso(world.clock.now())
      const counted: ComparedCollection[] = []
      for (const { collection, kept } of beside) {
        if (!collections.includes(kept.collection)) continue
        const indexes = manifest?.collections.find(({ name }) => name === kept.collection)?.indexes
        const one = await comparedOne(context, { collection, kept }, indexes ?? null, until)
        if (typeof one === 'string') return { kind: 'refused', applied: 'no', says: one }
        counted.push(one)
      }
      const to = toIso(world.clock.now())
      const facts: Compared = { from, to, moment, collections: counted }
      return { kind: 'written', found: { facts, says: inWords(facts) } }
    } catch (error) {
      if (!interrupted.aborted) throw error
      return {
        kind: 'refused',
        applied: 'no',
        says: 'stopped; the restored collections stay beside',
      }
    }
  },

  /** What it has counted says more. */
  verify: async () => ({ kind: 'verified', says: 'counted' }),
})

function inWords({ from, to, collections }: Compared): string {
  const each = collections.map((one) => `${one.name}: ${lossInWords(one)}`)
  const during = utcTime(from) === utcTime(to) ? '' : ` to ${utcTime(to)}`
  return `As of ${utcTime(from)}${during}, a switch would mean: ${each.join('. ')}`
}

async function comparedOne(
  { world, report }: WriteContext,
  { collection: { name: backupAs, uuid: backup }, kept: { collection: name } }: Kept,
  indexesInBackup: CollectionContents['indexes'] | null,
  until: AbortSignal,
): Promise<ComparedCollection | string> {
  if (backup === null) return `${name}: the server gives it no id`
  const stores = collectionsOf(world)
  const list = await stores.list(until)
  const live = list.find((one) => one.name === name) ?? null
  if (live && live.uuid === null) return `${name}: the server gives it no id`
  const measured = await stores.measure(live ? [backupAs, name] : [backupAs], until)
  const indexesOf = (of: string) => measured.find((one) => one.name === of)?.indexes ?? []
  const counts = live
    ? await stores.compare(
        { live: name, backup: backupAs },
        (progress) => report(`${name}: compares`, progress),
        until,
      )
    : { created: 0, changed: 0, same: 0, deleted: measured[0]?.documents ?? 0 }
  const expiries = await Promise.all(
    // Beside the live data nothing expires by them.
    expiriesOf(indexesInBackup ?? indexesOf(name)).map(async (one) => {
      return { ...one, documents: await stores.expired(backupAs, one, until) }
    }),
  )
  return {
    name,
    live: live?.uuid ?? null,
    backup,
    backupAs,
    ...counts,
    expiries,
    liveExpiries: expiriesOf(indexesOf(name)),
  }
}
