import { z } from 'zod'
import {
  defineStep,
  type Application,
  type Inspection,
  type StepContext,
} from '../../../engine/run/step.ts'
import type { Container, Containers } from '../../../ports/containers.ts'
import { containersOf } from '../../parts/require-port.ts'
import type { Patience } from '../readiness.ts'
import { failureOf, sceneOf, swapMove, type Scene, type Swap, type SwapMove } from '../swap.ts'

const Image = z.object({ id: z.string(), digest: z.string().nullable(), reference: z.string() })

const Change = z.object({
  service: z.string(),
  host: z.string(),
  name: z.string(),
  from: z.object({
    /** `null` in what an undo is made of: whatever stands there as the plan has left it. */
    id: z.string().nullable(),
    image: Image,
    version: z.string(),
    sha256: z.string().nullable(),
  }),
  to: z.object({
    image: Image,
    version: z.string(),
    /** Made like what is kept with this hash; `null`: like the one that runs. */
    kept: z.string().nullable(),
  }),
  publishes: z.boolean(),
  restartPolicy: z.string(),
  stopSeconds: z.number(),
})
const Input = z.object({
  /** In the order in which they are swapped; those of one service on several hosts at the same time. */
  changes: z.array(Change).min(1),
  readyWithinMs: z.number(),
  settleMs: z.number(),
})
export type SwapChange = z.infer<typeof Change>
type Input = z.infer<typeof Input>

/** A swap whose every identity is known, and what stands there of it. */
type Standing = { readonly swap: Swap; readonly scene: Scene; readonly move: SwapMove }

/** Each container gives its place to one of another image, and is made again if that one does not become well. */
export const swapContainers = defineStep({
  id: 'swap-containers',
  input: Input,
  deadlineMs: (input) =>
    input.changes.reduce((sum, change) => sum + longestMs(change, input), 60_000),
  onAbort: 'finish',

  title: ({ changes }) =>
    `Return ${[...new Set(changes.map(({ service, to }) => `${service} to ${to.version}`))].join(', ')}`,
  subject: ({ changes }) => changes.map(({ host, name }) => `container ${host}/${name}`).join(', '),

  async inspect(context, input): Promise<Inspection<null, Input>> {
    const seen = await look(context, input)
    const begun = seen.some(({ mark }) => mark === context.key)
    const resolved = input.changes.map((change) => resolve(change, seen, context.key))
    const gone = resolved.flatMap((one) => ('problem' in one ? [one.problem] : []))
    if (gone.length > 0) return { kind: 'blocked', begun, says: gone.join('; ') }
    const changes = resolved.flatMap((one) => ('change' in one ? [one.change] : []))
    const standings = standingsOf({ ...input, changes }, seen, context.key)
    const moves = movesNow(standings)
    const stuck = moves.flatMap(({ move }) => (move.kind === 'lost' ? [move.says] : []))
    if (stuck.length > 0) return { kind: 'blocked', begun, says: stuck.join('; ') }
    if (moves.every(({ move }) => move.kind === 'done')) {
      return { kind: 'done', begun, says: 'every container runs the wanted image' }
    }
    if (moves.every(({ move }) => move.kind === 'wait' || move.kind === 'done')) {
      return { kind: 'done', begun, says: 'what was started becomes well' }
    }
    const left = standings.flatMap(({ move }, index) =>
      move.kind === 'done' ? [] : (changes[index] ?? []),
    )
    return { kind: 'needed', begun, seen: null, remaining: { ...input, changes: left } }
  },

  apply: (context, input) => carryOn(context, input),

  async verify(context, input) {
    const standings = await look(context, input).then((seen) => standingsNow(context, input, seen))
    const done = standings.filter(({ move }) => move.kind === 'done').length
    const progress = { done, total: standings.length, unit: 'containers' }
    const moves = movesNow(standings)
    const bad = moves.flatMap(({ move, swap }) => {
      if (move.kind === 'lost') return [move.says]
      return move.kind === 'given-back' ? [`${swap.service}: the old one serves again`] : []
    })
    if (bad.length > 0) return { kind: 'failed', says: bad.join('; ') }
    if (done === standings.length) return { kind: 'verified', says: servingIn(input) }
    const waiting = moves.flatMap(({ move }) => (move.kind === 'wait' ? [move.says] : []))
    return { kind: 'not-yet', says: waiting.join('; ') || 'it goes on', progress }
  },

  onUndo: {
    kind: 'invert',
    input: ({ changes, ...patience }) => ({
      changes: changes.toReversed().map(inverse),
      ...patience,
    }),
  },

  changes: ({ changes }) =>
    changes.map(({ service, host, from, to }) => ({
      what: service,
      from: `${from.version} on ${host}`,
      to: `${to.version} on ${host}`,
      images: { from: [from.image.reference], to: [to.image.reference] },
    })),

  versionsAfter: ({ changes }) =>
    Object.fromEntries(changes.map(({ service, to }) => [service, [to.version]])),

  async adviseUndo(context, { changes }) {
    const seen = await look(context, { changes })
    const missing = changes.filter(({ service, host, to }) => {
      return !seen.some(
        (one) => isKeptAs(to.kept, one) && one.service === service && one.host === host,
      )
    })
    if (missing.length === 0) return { problem: null, caution: null }
    const where = missing.map(({ service, host }) => `${service} on ${host}`).join(', ')
    return { problem: `${where}: what it was made like is not kept any more`, caution: null }
  },
})

/** A stop may take the whole time that the container asks for, there and back again. */
function longestMs({ stopSeconds }: SwapChange, { readyWithinMs, settleMs }: Patience): number {
  return 3 * stopSeconds * 1_000 + readyWithinMs + settleMs + 60_000
}

function inverse({ from, to, ...container }: SwapChange): SwapChange {
  return {
    ...container,
    from: { id: null, image: to.image, version: to.version, sha256: null },
    to: { image: from.image, version: from.version, kept: from.sha256 },
  }
}

function look(
  { world, signal }: StepContext,
  { changes }: Pick<Input, 'changes'>,
): Promise<readonly Container[]> {
  const services = [...new Set(changes.map(({ service }) => service))]
  return containersOf(world).sightings(services, signal)
}

/** The same change with the identities that stand there. Once begun, they are found by what this plan has made. */
function resolve(
  change: SwapChange,
  seen: readonly Container[],
  mark: string,
): { readonly change: SwapChange } | { readonly problem: string } {
  const { service, host, name, from } = change
  if (from.id !== null) return { change }
  const here = seen.filter((one) => one.service === service && one.host === host)
  const now = here.find((one) => one.name === name && one.role === 'serving' && one.mark !== mark)
  if (!now) return { problem: `${service} on ${host}: ${name} is not there any more` }
  if (now.image.id !== from.image.id || now.mark === null) {
    return { problem: `${service} on ${host}: somebody made ${name} anew, it is not what was left` }
  }
  return { change: { ...change, from: { ...from, id: now.id, sha256: now.sha256 } } }
}

function standingsNow(context: StepContext, input: Input, seen: readonly Container[]) {
  const changes = input.changes.flatMap((change) => {
    const one = resolve(change, seen, context.key)
    return 'change' in one ? [one.change] : []
  })
  return standingsOf({ ...input, changes }, seen, context.key)
}

function standingsOf(
  { changes, ...patience }: Input,
  seen: readonly Container[],
  mark: string,
): readonly Standing[] {
  return changes.flatMap((change) => {
    const swap = swapOf(change, seen)
    const scene = sceneOf(swap, seen, mark)
    return { swap, scene, move: swapMove(swap, scene, mark, patience) }
  })
}

function swapOf(change: SwapChange, seen: readonly Container[]): Swap {
  const { from, to, service, host } = change
  const id = from.id ?? ''
  const sha256 = from.sha256 ?? ''
  const kept = seen.find(
    (one) => isKeptAs(to.kept, one) && one.service === service && one.host === host,
  )
  return {
    ...change,
    from: { id, image: from.image, sha256 },
    to: { image: to.image },
    like: to.kept === null || !kept ? { id, sha256 } : { id: kept.id, sha256: to.kept },
  }
}

function isKeptAs(sha256: string | null, { role, sha256: its }: Container): boolean {
  return sha256 !== null && role === 'kept' && its === sha256
}

/** Those of the first service that is not done, and all that are: one service after the other. */
function movesNow(standings: readonly Standing[]): readonly Standing[] {
  const first = standings.find(({ move }) => move.kind !== 'done')
  if (!first) return standings
  const sameService = standings.filter(({ swap, move }) => {
    return swap.service === first.swap.service && move.kind !== 'done'
  })
  // Several on one host take turns, so that some of them always serve.
  const hosts = new Set<string>()
  return sameService.filter(({ swap: { host } }) => !hosts.has(host) && hosts.add(host))
}

/** More calls than any swap takes: what goes round in circles is looked at again later. */
const MOST_CALLS = 40

/** Call after call, each after a new look, until there is something to wait for. */
async function carryOn(context: StepContext, input: Input): Promise<Application> {
  const containers = containersOf(context.world)
  let why: string | null = null
  for (let calls = 0; calls < MOST_CALLS; calls += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each call after a look of its own
    const standings = standingsNow(context, input, await look(context, input))
    const moves = movesNow(standings)
    for (const { scene } of moves) why ??= failureOf(scene, input)
    const back = moves.find(({ move }) => move.kind === 'given-back')
    if (back) return givenBack(back, standings, why)
    const stuck = moves.flatMap(({ move }) => (move.kind === 'lost' ? [move.says] : []))
    if (stuck.length > 0) return { kind: 'refused', applied: 'yes', says: stuck.join('; ') }
    // oxlint-disable-next-line no-await-in-loop -- the same
    const refusals = await writeAll(containers, moves, context)
    if (refusals === null) return { kind: 'written' }
    const [refusal] = refusals
    if (refusal) {
      // oxlint-disable-next-line no-await-in-loop -- the same
      const marked = await markFailed(containers, refusal, context)
      why = refusal.because
      if (!marked)
        return {
          kind: 'refused',
          applied: 'unknown',
          says: `${refusal.standing.swap.service}: ${why}`,
        }
    }
  }
  return { kind: 'look-again' }
}

type Refusal = { readonly standing: Standing; readonly because: string }

/** One call for each; `null`: there is none to make. */
async function writeAll(
  containers: Containers,
  moves: readonly Standing[],
  { signal }: StepContext,
): Promise<readonly Refusal[] | null> {
  const writes = moves.filter(({ move }) => move.kind === 'write')
  if (writes.length === 0) return null
  const answers = await Promise.all(
    writes.map(async (standing) => {
      if (standing.move.kind !== 'write') return []
      const answer = await containers.write(standing.move.write, signal)
      return answer.kind === 'refused' ? [{ standing, because: answer.because }] : []
    }),
  )
  return answers.flat()
}

/** From here on it goes the other way; where nothing was made yet, there is nothing to give back. */
async function markFailed(
  containers: Containers,
  { standing: { swap, scene } }: Refusal,
  { signal }: StepContext,
): Promise<boolean> {
  const { kept } = scene
  if (!kept) return false
  const name = kept.name.replace('-kept-', '-failed-')
  const answer = await containers.write(
    { kind: 'rename', host: swap.host, id: kept.id, name },
    signal,
  )
  return answer.kind !== 'refused'
}

function givenBack(
  { swap: { service, host } }: Standing,
  standings: readonly Standing[],
  why: string | null,
): Application {
  const because = why ?? 'the new container did not become well'
  const done = standings.filter(({ move }) => move.kind === 'done')
  return {
    kind: 'refused',
    applied: done.length > 0 ? 'yes' : 'no',
    says: [
      `${service} on ${host}: ${because}; the old one serves again`,
      ...done.map(({ swap }) => `${swap.service} on ${swap.host} was swapped`),
    ].join('; '),
  }
}

function servingIn({ changes }: Input): string {
  return changes
    .map(({ service, host, to }) => `${service} runs ${to.version} on ${host}`)
    .join('; ')
}
