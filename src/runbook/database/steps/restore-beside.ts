import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import { keptName } from '../../../domain/data/kept-name.ts'
import { bytesInside, type CollectionContents } from '../../../domain/data/backup.ts'
import { canonicalJson } from '../../../domain/text/canonical-json.ts'
import { defineStep, type WriteContext } from '../../../engine/run/step.ts'
import { backupsOf, collectionsOf } from '../../parts/require-port.ts'
import { givenBack, newAttempt, whyNoRoom, type Attempt } from '../attempt.ts'
import { dropAll, KEPT_COLLECTIONS, keptOf, planOfKey, type Kept } from '../kept.ts'
import { bytesInWords, documentsInWords } from '../../../domain/text/amounts.ts'
import { whyNoUse } from '../no-use.ts'
import { otherServer } from '../same-server.ts'

const Input = z.object({
  database: z.string(),
  server: z.string(),
  backup: z.object({
    id: z.string(),
    bytes: z.number(),
    /** Of the artefact; `null`: nobody has read it whole yet, so that its size and time stand for it. */
    sha256: z.string().nullable(),
    changedAt: z.string(),
  }),
  collections: z.array(z.string()).min(1),
})
type Input = z.infer<typeof Input>

const SLOWEST_BYTES_A_SECOND = 500_000

/**
 * Collections of a backup beside the live ones: under names of an attempt while they are copied and proved, and
 * under their final names from then on. What has a final name was verified.
 */
export const restoreBeside = defineStep({
  id: 'restore-beside',
  input: Input,
  deadlineMs: ({ backup }) => 60 * 60_000 + (backup.bytes / SLOWEST_BYTES_A_SECOND) * 1_000,
  onAbort: 'interrupt',
  whenStopped: 'it is ended, and what it has restored is dropped again',
  keeps: KEPT_COLLECTIONS,
  onUndo: { kind: 'leave' },

  title: ({ collections, backup }) =>
    `Restore ${collections.join(', ')} of ${backup.id} beside the live data`,

  async inspect({ world, key, signal }, { server, collections, backup }) {
    const [now, list, backups] = await Promise.all([
      collectionsOf(world).server(signal),
      collectionsOf(world).list(signal),
      backupsOf(world).list(signal),
    ])
    const ours = keptOf(list, key)
    const begun = ours.length > 0
    const other = otherServer(now, server)
    if (other !== null) return { kind: 'blocked', begun, says: other }
    if (restoredAmong(ours, collections).length === collections.length) {
      return { kind: 'done', begun, says: 'they stand beside the live ones' }
    }
    const found = backups.find(({ id }) => id === backup.id)
    if (found?.changedAt !== backup.changedAt || found.bytes !== backup.bytes) {
      const says = `${backup.id} is ${found ? 'another file now' : 'not in the catalogue any more'}`
      return { kind: 'blocked', begun, says }
    }
    return { kind: 'needed', begun, seen: ours }
  },

  async apply(context, input, ours) {
    const { world, signal, interrupted } = context
    const stores = collectionsOf(world)
    // What an attempt before has left is not gone on with: nobody knows how far it is.
    const unfinished = ours.filter(({ kept: { role } }) => role === 'try' || role === 'new')
    const left = await dropAll(stores, unfinished, signal)
    if (left !== null) return { kind: 'refused', applied: 'unknown', says: left }
    const room = await whyNoRoomFor(context, input)
    if (room !== null) return { kind: 'refused', applied: 'no', says: room }
    const attempt = newAttempt(context)
    const dropped = (because: string) => givenBack(context, attempt, { because, was: 'restored' })
    try {
      const problem = await restoreAndProve(context, input, attempt)
      return problem === null ? { kind: 'written' } : await dropped(problem)
    } catch (error) {
      if (interrupted.aborted) return dropped('stopped')
      const because = whyNoUse(error)
      if (because === null) throw error
      return dropped(because)
    }
  },

  async verify({ world, key, signal }, { collections }) {
    const ours = keptOf(await collectionsOf(world).list(signal), key)
    const restored = restoredAmong(ours, collections)
    if (restored.length === collections.length) {
      const says = `${collections.join(', ')}: count, indexes, options and a hash of all documents are as in the backup`
      return { kind: 'verified', says }
    }
    return { kind: 'failed', says: 'somebody has removed what was restored' }
  },
})

function restoredAmong(ours: readonly Kept[], wanted: readonly string[]): readonly Kept[] {
  return ours.filter(({ kept: { role, collection } }) => {
    return role === 'new' && wanted.includes(collection)
  })
}

/** What its data takes with its indexes is guessed from the backup; the server says what it has. */
async function whyNoRoomFor(
  { world, signal }: WriteContext,
  { backup }: Input,
): Promise<string | null> {
  const freeBytes = await collectionsOf(world).freeBytes(signal)
  const found = (await backupsOf(world).list(signal)).find(({ id }) => id === backup.id)
  return whyNoRoom(freeBytes, found ? bytesInside(found) : backup.bytes)
}

/** Why it is not what the backup holds; `null`: it is, and has its final names. */
async function restoreAndProve(
  context: WriteContext,
  input: Input,
  attempt: Attempt,
): Promise<string | null> {
  const { id: attemptId, made } = attempt
  const { world, key, signal, interrupted, report } = context
  const plan = planOfKey(key)
  const pairs = input.collections.map((name) => ({
    name,
    as: keptName({ ...plan, role: 'try', attempt: attemptId, collection: name }),
    final: keptName({ ...plan, role: 'new', attempt: null, collection: name }),
  }))
  const stores = collectionsOf(world)
  const until = AbortSignal.any([signal, interrupted])
  const { id, sha256, bytes } = input.backup
  const restored = await backupsOf(world).restore(
    { id, sha256, bytes, collections: pairs.map(({ name, as }) => ({ name, as })) },
    (progress) =>
      report(`${bytesInWords(progress.done)} of ${bytesInWords(progress.total)}`, progress),
    until,
  )
  if (restored.kind === 'refused') return restored.because
  for (const { name, as } of pairs) {
    const wanted = restored.collections.find((one) => one.name === name)
    if (!wanted) return `${name} is not in the backup`
    report(`${name}: builds ${wanted.indexes.length} indexes`, null)
    const indexed = await stores.createIndexes(as, wanted.indexes, until)
    if (indexed.kind !== 'done') {
      const twice = (indexed.kind === 'refused' && indexed.sameKey) || []
      const named = twice.length > 0 ? ` (documents ${twice.join(', ')})` : ''
      const because = `${name}: an index was refused: ${indexed.because}${named}`
      const ofBackup = indexed.kind === 'refused' && indexed.sameKey !== undefined
      if (!ofBackup) return because
      // Somebody may have written into it meanwhile: then it is not the backup that holds them.
      const there = await stores.contents(as, () => undefined, until)
      return there.hash === wanted.hash ? remembered(context, input, because) : because
    }
    const there = await stores.contents(
      as,
      (progress) => report(`${name}: reads back every document`, progress),
      until,
    )
    const different = whatDiffers(wanted, there)
    if (different !== null) return `${name}: ${different}`
  }
  const list = await stores.list(until)
  for (const { name, as, final } of pairs) {
    const uuid = list.find((one) => one.name === as)?.uuid
    if (!uuid) return `${name}: the server gives it no id, so that it could not be switched later`
    made.add(uuid)
    const named = await stores.rename({ uuid, from: as, to: final }, until)
    attempt.overtaken = named.kind === 'changed-meanwhile'
    if (named.kind !== 'done') return `${name}: ${named.because}`
  }
  return null
}

/** Its bytes stay the same, and so would the answer: it is not to be chosen again. */
async function remembered(
  { world, signal }: WriteContext,
  { backup }: Input,
  because: string,
): Promise<string> {
  try {
    await backupsOf(world).markUnusable(backup, `it cannot be restored: ${because}`, signal)
    return because
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return `${because}; and it could not be kept in the catalogue: ${error.detail}`
  }
}

function whatDiffers(wanted: CollectionContents, there: CollectionContents): string | null {
  if (wanted.documents !== there.documents) {
    return `${documentsInWords(there.documents)} arrived, and the backup holds ${documentsInWords(wanted.documents)}`
  }
  if (wanted.hash !== there.hash) return 'its documents are not those of the backup'
  if (canonicalJson(wanted.options) !== canonicalJson(there.options)) {
    return 'its options, such as its validator, are not those of the backup'
  }
  return indexesOf(wanted) === indexesOf(there) ? null : 'its indexes are not those of the backup'
}

/** When one lets documents expire is another matter: beside the live data it must not. */
function indexesOf({ indexes }: CollectionContents): string {
  const comparable = indexes.map((index) => {
    // The order of the keys matters, and canonical JSON has none.
    const ordered = { ...index, key: JSON.stringify(index['key'] ?? null) }
    return 'expireAfterSeconds' in index ? { ...ordered, expireAfterSeconds: 'some' } : ordered
  })
  return comparable.map(canonicalJson).toSorted().join('\n')
}
