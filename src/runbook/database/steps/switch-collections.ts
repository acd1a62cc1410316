import { z } from 'zod'
import { keptName } from '../../../domain/data/kept-name.ts'
import { defineStep, type Application, type WriteContext } from '../../../engine/run/step.ts'
import type { Collections } from '../../../ports/collections.ts'
import { collectionsOf } from '../../parts/require-port.ts'
import { KEPT_COLLECTIONS, planOfKey } from '../kept.ts'
import { ExpirySet, setExpiries, unset } from '../switch-expiries.ts'
import { lowered, NOT_OFFERED, raised, whyNotQuiet } from '../fence.ts'
import {
  inverseOf,
  positionOf,
  renamesBack,
  renamesTo,
  strayedAmong,
  Switched,
  type Position,
} from '../switch-positions.ts'
import { otherServer } from '../same-server.ts'

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
  keeps: KEPT_COLLECTIONS,

  title: ({ collections }) => `Switch ${collections.map(({ name }) => name).join(', ')}`,

  async inspect({ world, signal }, { server, collections, expiries, fence }) {
    const stores = collectionsOf(world)
    const [now, list] = await Promise.all([stores.server(signal), stores.list(signal)])
    const other = otherServer(now, server)
    if (other !== null) return { kind: 'blocked', begun: 'no-mark', says: other }
    const positions = collections.map((one) => positionOf(one, list))
    const begun = positions.some((one) => one.aside || one.in)
    const open = positions.some(({ kind }) => kind !== 'after')
    // What an attempt before has left of itself is put right like the rest.
    const left = open || (await isLeftOver(stores, { expiries, fence }, signal))
    return left
      ? { kind: 'needed', begun, seen: positions }
      : { kind: 'done', begun, says: 'all of them are switched' }
  },

  async apply(context, input, positions) {
    const stores = collectionsOf(context.world)
    const strayed = strayedAmong(positions)
    const fenced =
      input.fence && strayed === null ? await raised(stores, context.signal) : NOT_OFFERED
    try {
      if (strayed !== null) return await takenBack(context, input, strayed)
      const done = await switched(context, input, positions)
      if (done.kind !== 'written') return done
      const between = input.collections.flatMap((one, at) =>
        positions[at]?.kind === 'overtaken'
          ? [`Somebody wrote to ${one.name} in between: kept as ${strangerName(context, one)}.`]
          : [],
      )
      const all = `${input.collections.length} switched; what was live is kept.`
      const says = [all, ...between, fenced.says].join(' ')
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

/** Whether writes of others are refused still, or documents expire as before, although all of them are switched. */
async function isLeftOver(
  stores: Collections,
  { expiries, fence }: Pick<Input, 'expiries' | 'fence'>,
  signal: AbortSignal,
): Promise<boolean> {
  if (fence && (await stores.tryWrite(signal)) === 'refused') return true
  return (await unset(stores, expiries, 'after', signal)).length > 0
}

async function switched(
  context: WriteContext,
  input: Input,
  positions: readonly Position[],
): Promise<Application> {
  const { world, signal, report } = context
  const stores = collectionsOf(world)
  if (positions.every(({ kind }) => kind === 'before')) {
    const names = input.collections.map(({ name }) => name)
    const busy = await whyNotQuiet(stores, { names, since: input.since }, signal)
    if (busy !== null) return takenBack(context, input, busy)
    // Listening may have taken longer than a signature holds; what has begun is finished (J7).
    if (world.clock.now() >= context.sendBeforeMs) return { kind: 'look-again' }
  }
  const expiring = await setExpiries(stores, input, 'after', signal)
  if (expiring?.kind === 'changed-meanwhile') return { kind: 'look-again' }
  if (expiring) return takenBack(context, input, expiring.because)
  const renames = input.collections.flatMap((one, at) => {
    const position = positions[at]
    return position ? renamesTo(one, position, strangerName(context, one)) : []
  })
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

/** Of what somebody has made between two renames: it is kept like what was live. */
function strangerName({ key }: WriteContext, { name }: Switched): string {
  return keptName({ ...planOfKey(key), role: 'old', attempt: null, collection: name })
}

/** Another one may be at it: what it has renamed meanwhile is looked at once more. */
const TRIES = 2

/** All of them as before, so that no old data stands beside new; or what stands, where that cannot be. */
async function takenBack(
  context: WriteContext,
  input: Input,
  because: string,
): Promise<Application> {
  const { world, signal } = context
  const stores = collectionsOf(world)
  const problems: string[] = []
  let renamed = 0
  for (let tries = 0; tries < TRIES; tries += 1) {
    const list = await stores.list(signal)
    const renames = input.collections.flatMap((one) =>
      renamesBack(one, positionOf(one, list), strangerName(context, one)),
    )
    if (renames.length === 0) break
    problems.length = 0
    for (const rename of renames) {
      const answer = await stores.rename(rename, signal)
      if (answer.kind === 'done') renamed += 1
      else problems.push(`${rename.from} could not be renamed back: ${answer.because}`)
    }
  }
  const expiring = await setExpiries(stores, input, 'before', signal)
  if (expiring) problems.push(expiring.because)
  const list = await stores.list(signal)
  const left = input.collections.flatMap((one) => whatStands(one, list))
  if (left.length + problems.length > 0) {
    const says = [because, ...problems, ...left].join('; ')
    return { kind: 'refused', applied: 'yes', says }
  }
  if (!isBefore(input, list)) {
    // Services that start now would write into nothing: they wait for somebody who has found it.
    const says = `${because}; nothing of the switch is left, and the services stay stopped until somebody has looked`
    return { kind: 'refused', applied: 'unknown', says }
  }
  const back = renamed > 0 ? { takenBack: true as const } : {}
  const says = `${because}; all of it stands as before`
  return { kind: 'refused', applied: 'no', says, ...back }
}

/** What is not as before by our own doing, in a clause each. */
function whatStands(one: Switched, list: Parameters<typeof positionOf>[1]): readonly string[] {
  const { aside, in: isIn } = positionOf(one, list)
  if (isIn) return [`${one.name} is what was restored`]
  return aside ? [`${one.name} stands as ${one.live?.asideAs}, and not under its own name`] : []
}

/** Whether what was live is so under its own name. */
function isBefore({ collections }: Input, list: Parameters<typeof positionOf>[1]): boolean {
  return collections.every(({ name, live }) => {
    return list.find((one) => one.name === name)?.uuid === live?.uuid
  })
}
