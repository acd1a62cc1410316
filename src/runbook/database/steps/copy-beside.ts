import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import { keptName } from '../../../domain/data/kept-name.ts'
import { documentsInWords } from '../../../domain/text/amounts.ts'
import { canonicalJson } from '../../../domain/text/canonical-json.ts'
import { defineStep, type WriteContext } from '../../../engine/run/step.ts'
import type { Collection } from '../../../ports/collections.ts'
import { collectionsOf } from '../../parts/require-port.ts'
import { givenBack, newAttempt, whyNoRoom, type Attempt } from '../attempt.ts'
import { dropAll, KEPT_COLLECTIONS, keptOf, planOfKey, type Kept } from '../kept.ts'
import { askLedger, Ledger, ledgerGone } from '../ledger.ts'
import { otherServer } from '../same-server.ts'
import { obstacleOf } from '../standing-beside.ts'

const Input = z.object({
  server: z.string(),
  ledger: Ledger,
  collections: z.array(z.string()).min(1),
})
type Input = z.infer<typeof Input>

/**
 * What a migration is about to change is copied beside, so that there is a way back; only where its ledger says that it
 * is applied. What has the name of a copy was held against what is live.
 */
export const copyBeside = defineStep({
  id: 'copy-beside',
  input: Input,
  deadlineMs: () => 4 * 60 * 60_000,
  onAbort: 'interrupt',
  whenStopped: 'it is ended, and what it has copied is dropped again',
  keeps: KEPT_COLLECTIONS,
  onUndo: { kind: 'leave' },

  title: ({ collections, ledger }) =>
    `Copy ${collections.join(', ')} beside, where ${ledger.collection} says that the migration is applied`,

  async inspect({ world, key, signal }, { server, ledger, collections }) {
    const stores = collectionsOf(world)
    const [now, list] = await Promise.all([stores.server(signal), stores.list(signal)])
    const ours = copiesOf(list, key)
    const begun = ours.length > 0
    const other = otherServer(now, server)
    if (other !== null) return { kind: 'blocked', begun, says: other }
    if (madeOf(ours, collections).length === collections.length) {
      return { kind: 'done', begun, says: 'they are copied beside' }
    }
    const says = await askLedger(stores, ledger, signal)
    if (says === 'not-there') return { kind: 'blocked', begun, says: ledgerGone(ledger) }
    if (says === 'not-applied') return { kind: 'done', begun, says: nothingToCopy(ledger) }
    const problems = collections.flatMap((name) => whyNoCopy(name, list) ?? [])
    if (problems.length > 0) return { kind: 'blocked', begun, says: problems.join('; ') }
    return { kind: 'needed', begun, seen: ours }
  },

  async apply(context, { collections }, ours) {
    const { world, signal, interrupted } = context
    const stores = collectionsOf(world)
    // What an attempt before has left is not gone on with: nobody knows how far it is.
    const unfinished = ours.filter(({ kept: { role } }) => role === 'try')
    const left = await dropAll(stores, unfinished, signal)
    if (left !== null) return { kind: 'refused', applied: 'unknown', says: left }
    const made = madeOf(ours, collections)
    const open = collections.filter((name) => !made.some(({ kept }) => kept.collection === name))
    const room = await whyNoRoomFor(context, open)
    if (room !== null) return { kind: 'refused', applied: 'no', says: room }
    const attempt = newAttempt(context)
    const dropped = (because: string) => givenBack(context, attempt, { because, was: 'copied' })
    try {
      for (const name of open) {
        const problem = await copiedOne(context, name, attempt)
        if (problem !== null) return await dropped(`${name}: ${problem}`)
      }
      return { kind: 'written' }
    } catch (error) {
      if (interrupted.aborted) return dropped('stopped')
      if (!(error instanceof Fault) || error.kind !== 'terminal') throw error
      return dropped(error.detail)
    }
  },

  async verify({ world, key, signal }, { collections, ledger }) {
    const stores = collectionsOf(world)
    const made = madeOf(copiesOf(await stores.list(signal), key), collections)
    if (made.length === collections.length) {
      return {
        kind: 'verified',
        says: `${collections.join(', ')}: every document is copied beside`,
      }
    }
    const says = await askLedger(stores, ledger, signal)
    return made.length === 0 && says === 'not-applied'
      ? { kind: 'verified', says: nothingToCopy(ledger) }
      : { kind: 'failed', says: 'somebody has removed what was copied' }
  },
})

function nothingToCopy({ collection }: Ledger): string {
  return `${collection} says that the migration is not applied: nothing is copied`
}

/** What this plan has copied, or begun to. */
function copiesOf(list: readonly Collection[], key: string): readonly Kept[] {
  return keptOf(list, key).filter(({ kept: { role } }) => role === 'copy' || role === 'try')
}

function madeOf(ours: readonly Kept[], wanted: readonly string[]): readonly Kept[] {
  return ours.filter(({ kept: { role, collection } }) => {
    return role === 'copy' && wanted.includes(collection)
  })
}

/** `null`: it can be copied. */
export function whyNoCopy(name: string, list: readonly Collection[]): string | null {
  const found = list.find((one) => one.name === name)
  if (!found) return `${name}: there is no collection of that name`
  if (found.options['capped'] === true) return `${name}: it is capped, and a copy loses its order`
  return obstacleOf(found)
}

async function whyNoRoomFor(
  { world, signal }: WriteContext,
  names: readonly string[],
): Promise<string | null> {
  const stores = collectionsOf(world)
  const [freeBytes, measured] = await Promise.all([
    stores.freeBytes(signal),
    stores.measure(names, signal),
  ])
  return whyNoRoom(
    freeBytes,
    measured.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
  )
}

/** Why it is not what is live; `null`: it is, and has the name of a copy. */
async function copiedOne(
  { world, key, signal, interrupted, report }: WriteContext,
  name: string,
  attempt: Attempt,
): Promise<string | null> {
  const stores = collectionsOf(world)
  const until = AbortSignal.any([signal, interrupted])
  const plan = planOfKey(key)
  const as = keptName({ ...plan, role: 'try', attempt: attempt.id, collection: name })
  const final = keptName({ ...plan, role: 'copy', attempt: null, collection: name })
  const [list, [measured]] = await Promise.all([stores.list(until), stores.measure([name], until)])
  const live = list.find((one) => one.name === name)
  if (!live || !measured) return 'it is gone'
  const created = await stores.create(as, live.options, until)
  if (created.kind !== 'done') return created.because
  const copied = await stores.copyMissing(
    { from: name, to: as },
    (progress) => report(`${name}: copies`, progress),
    until,
  )
  if (copied.leftCount > 0) {
    const [first] = copied.left
    const because = first ? `: ${first.id} (${first.because})` : ''
    return `${documentsInWords(copied.leftCount)} of it cannot be copied${because}`
  }
  const indexed = await stores.createIndexes(as, measured.indexes, until)
  if (indexed.kind !== 'done') return `an index was refused: ${indexed.because}`
  const differs = await whatDiffers({ world, until, report }, { name, as })
  if (differs !== null) return differs
  const uuid = (await stores.list(until)).find((one) => one.name === as)?.uuid
  if (!uuid) return 'the server gives the copy no id, so that it could not be switched to later'
  attempt.made.add(uuid)
  const named = await stores.rename({ uuid, from: as, to: final }, until)
  attempt.overtaken = named.kind === 'changed-meanwhile'
  return named.kind === 'done' ? null : named.because
}

/** Byte by byte, and with its options; `null`: nothing does. */
export async function whatDiffers(
  {
    world,
    until,
    report,
  }: Pick<WriteContext, 'world' | 'report'> & { readonly until: AbortSignal },
  { name, as }: { readonly name: string; readonly as: string },
): Promise<string | null> {
  const stores = collectionsOf(world)
  const { created, changed, deleted } = await stores.compare(
    { live: name, backup: as },
    (progress) => report(`${name}: is held against its copy`, progress),
    until,
  )
  const documents = created + changed + deleted
  if (documents > 0) {
    return `${documentsInWords(documents)} of it ${documents === 1 ? 'is' : 'are'} not as in its copy: somebody has written to it`
  }
  const list = await stores.list(until)
  const [live, copy] = [name, as].map((of) => list.find((one) => one.name === of)?.options)
  return canonicalJson(live ?? null) === canonicalJson(copy ?? null)
    ? null
    : 'its options, such as its validator, are not those of its copy'
}
