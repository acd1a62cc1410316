import { z } from 'zod'
import { defineStep, type Application, type WriteContext } from '../../../engine/run/step.ts'
import type { Collections } from '../../../ports/collections.ts'
import { collectionsOf } from '../../parts/require-port.ts'
import { lowered, NOT_OFFERED, raised, whyNotQuiet } from '../fence.ts'
import {
  inverseOf,
  positionOf,
  renamesBack,
  renamesTo,
  Switched,
  type Position,
  type Rename,
} from '../switch-positions.ts'

/** An index that lets documents expire, before and after the switch. */
const ExpirySet = z.object({
  /** The id of the collection: its name changes. */
  uuid: z.string(),
  index: z.string(),
  before: z.number(),
  after: z.number(),
})

const Input = z.object({
  server: z.string(),
  collections: z.array(Switched).min(1),
  expiries: z.array(ExpirySet),
  /** Whether the server offers to refuse the writes of others meanwhile. */
  fence: z.boolean(),
  /** With more writes of others since this moment nothing is switched; `null`: nothing tells. */
  since: z.object({ moment: z.string(), most: z.int() }).nullable(),
})
type Input = z.infer<typeof Input>

/** What was live goes aside and what stands beside becomes live, by renames alone: whole, or not at all. */
export const switchCollections = defineStep({
  id: 'switch-collections',
  input: Input,
  deadlineMs: () => 10 * 60_000,
  onAbort: 'finish',

  title: ({ collections }) => `Switch ${collections.map(({ name }) => name).join(', ')}`,

  async inspect({ world, signal }, { server, collections }) {
    const stores = collectionsOf(world)
    const [now, list] = await Promise.all([stores.server(signal), stores.list(signal)])
    const positions = collections.map((one) => positionOf(one, list))
    const begun = positions.some(({ kind }) => kind === 'between' || kind === 'after')
    if (now.identity !== server) {
      const says = `another server answers now: ${now.identity}, not ${server}`
      return { kind: 'blocked', begun: 'no-mark', says }
    }
    const strayed = strayedAmong(positions)
    // What has begun is taken back where it cannot be finished.
    if (strayed !== null && !begun) return { kind: 'blocked', begun, says: strayed }
    if (positions.every(({ kind }) => kind === 'after')) {
      return { kind: 'done', begun, says: 'all of them are switched' }
    }
    return { kind: 'needed', begun, seen: positions }
  },

  async apply(context, input, positions) {
    const stores = collectionsOf(context.world)
    const fenced = input.fence ? await raised(stores, context.signal) : NOT_OFFERED
    try {
      const done = await switched(context, input, positions)
      if (done.kind !== 'written') return done
      const says = `${input.collections.length} switched; what was live is kept. ${fenced.says}`
      return { kind: 'written', found: { facts: { fenced: fenced.proved }, says } }
    } finally {
      // Whatever came of it: the services are stopped still, and nobody else must wait for us.
      if (input.fence) await lowered(stores)
    }
  },

  async verify({ world, signal }, { collections, fence }) {
    const stores = collectionsOf(world)
    // A crash may have left it.
    if (fence) await stores.fence('down', signal)
    const list = await stores.list(signal)
    const open = collections.filter((one) => positionOf(one, list).kind !== 'after')
    return open.length === 0
      ? { kind: 'verified', says: `${collections.length} switched; what was live is kept` }
      : { kind: 'not-yet', says: `${open.map(({ name }) => name).join(', ')} not switched yet` }
  },

  onUndo: {
    kind: 'invert',
    input: ({ collections, expiries, ...rest }) => ({
      ...rest,
      collections: collections.map(inverseOf),
      expiries: expiries.map(({ before, after, ...one }) => {
        return { ...one, before: after, after: before }
      }),
      // Counted from the comparison with the backup, which is another question.
      since: null,
    }),
  },
})

function strayedAmong(positions: readonly Position[]): string | null {
  const says = positions.flatMap((one) => (one.kind === 'other' ? [one.says] : []))
  return says.length > 0 ? says.join('; ') : null
}

async function switched(
  context: WriteContext,
  input: Input,
  positions: readonly Position[],
): Promise<Application> {
  const { world, signal, report } = context
  const stores = collectionsOf(world)
  const strayed = strayedAmong(positions)
  if (strayed !== null) return takenBack(context, input, strayed)
  if (positions.every(({ kind }) => kind === 'before')) {
    const names = input.collections.map(({ name }) => name)
    const busy = await whyNotQuiet(stores, { names, since: input.since }, signal)
    if (busy !== null) return { kind: 'refused', applied: 'no', says: busy }
  }
  await setExpiries(stores, input, 'after', signal)
  const renames = input.collections.flatMap((one, at) =>
    renamesTo(one, positions[at] ?? { kind: 'after' }),
  )
  for (const [done, rename] of renames.entries()) {
    report(`${done} of ${renames.length} renames`, {
      done,
      total: renames.length,
      unit: 'renames',
    })
    const answer = await stores.rename(rename, signal)
    if (answer.kind === 'changed-meanwhile') return { kind: 'look-again' }
    if (answer.kind === 'refused') {
      return takenBack(context, input, `${rename.from}: ${answer.because}`)
    }
  }
  return { kind: 'written' }
}

/** All of them as before, so that no old data stands beside new. */
async function takenBack(
  { world, signal }: WriteContext,
  input: Input,
  because: string,
): Promise<Application> {
  const stores = collectionsOf(world)
  const list = await stores.list(signal)
  const renames: readonly Rename[] = input.collections.flatMap((one) =>
    renamesBack(one, positionOf(one, list)),
  )
  for (const rename of renames) {
    const answer = await stores.rename(rename, signal)
    if (answer.kind !== 'done') {
      const says = `${because}; and ${rename.from} could not be given back: ${answer.because}`
      return { kind: 'refused', applied: 'yes', says }
    }
  }
  await setExpiries(stores, input, 'before', signal)
  return { kind: 'refused', applied: 'no', says: `${because}; all of it stands as before` }
}

/** Nothing expires in what is kept; in what is live it does as its index says. */
async function setExpiries(
  stores: Collections,
  { expiries }: Input,
  state: 'before' | 'after',
  signal: AbortSignal,
): Promise<void> {
  if (expiries.length === 0) return
  const list = await stores.list(signal)
  for (const { uuid, index, [state]: seconds } of expiries) {
    const name = list.find((one) => one.uuid === uuid)?.name
    if (name !== undefined) await stores.setExpiry(name, { name: index, seconds }, signal)
  }
}
