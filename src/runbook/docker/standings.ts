import type { StepContext } from '../../engine/run/step.ts'
import type { FlagValue } from '../../domain/plan/flag-value.ts'
import type { Container } from '../../ports/containers.ts'
import { containersOf } from '../parts/require-port.ts'
import type { SwapChange, SwapInput } from './swap-change.ts'
import { tailIn } from './swap-names.ts'
import { sceneOf, swapMove, type Scene, type Swap, type SwapMove } from './swap.ts'

/** A swap whose every identity is known, and what stands there of it. */
export type Standing = { readonly swap: Swap; readonly scene: Scene; readonly move: SwapMove }

export type Seen = Container & {
  /** Variables by their names, where the identities of a change do not tell them. */
  readonly values: Readonly<Record<string, FlagValue>>
}

/** What runs and is kept of these services now. */
export async function look(
  { world, signal }: StepContext,
  { changes }: Pick<SwapInput, 'changes'>,
): Promise<readonly Seen[]> {
  const hosts = containersOf(world)
  const services = [...new Set(changes.map(({ service }) => service))]
  const open = changes.flatMap(({ from, variable }) => (from.id === null && variable) || [])
  const names = [...new Set(open.map(({ name }) => name))]
  const seen = await hosts.sightings(services, signal)
  const told = await Promise.all(
    names.map(async (name) => ({ name, all: await hosts.variableOf(services, name, signal) })),
  )
  return seen.map((one) => {
    const values = told.flatMap(({ name, all }) =>
      all.filter(({ id }) => id === one.id).map(({ value }) => [name, value] as const),
    )
    return { ...one, values: Object.fromEntries(values) }
  })
}

type Resolved =
  | { readonly kind: 'known'; readonly change: SwapChange }
  /** It runs already what it is to run. */
  | { readonly kind: 'stands' }
  | { readonly kind: 'problem'; readonly because: string }

/** The same change with the identities that stand there. Once begun, they are told by what this plan has made. */
function resolve(change: SwapChange, seen: readonly Seen[], mark: string): Resolved {
  const { service, host, name, from } = change
  if (from.id !== null) return { kind: 'known', change }
  const here = seen.filter((one) => one.service === service && one.host === host)
  const begun = begunFrom(name, here, mark)
  if (begun) return { kind: 'known', change: { ...change, from: { ...from, ...begun } } }
  const problem = (because: string): Resolved => {
    return { kind: 'problem', because: `${service} on ${host}: ${because}` }
  }
  const now = here.find((one) => one.name === name && one.role === 'serving')
  if (!now) return problem(`${name} is not there any more`)
  if (isAt(change, 'to', now)) {
    // A swap that was cut off may have ended it.
    const isEnded = now.state === 'exited' && change.runs !== false
    return isEnded ? problem(`${name} is stopped: start it`) : { kind: 'stands' }
  }
  if (!isAt(change, 'from', now) || now.mark === null) {
    return problem(`somebody made ${name} anew, it is not what was left`)
  }
  const { id, sha256 } = now
  return { kind: 'known', change: { ...change, from: { ...from, id, sha256 } } }
}

/** Whether it has the image of that end of the change, and where a variable is what changes, its value. */
function isAt({ variable, ...ends }: SwapChange, end: 'from' | 'to', now: Seen): boolean {
  if (now.image.id !== ends[end].image.id) return false
  return variable === undefined || now.values[variable.name] === variable[end]
}

/** Whose place is taken here by this plan; of one that is gone, as much of its id as is in the names. */
function begunFrom(name: string, here: readonly Container[], mark: string) {
  const ours = here.flatMap((one) => {
    const tail = one.mark === mark ? tailIn(name, one.name) : null
    return tail === null ? [] : [{ ...one, tail }]
  })
  const [first] = ours.toSorted((a, b) => b.tail.length - a.tail.length)
  if (!first) return null
  const { tail } = first
  const old = here.find(({ id, mark: by }) => tail !== '' && by !== mark && id.startsWith(tail))
  const kept = ours.find(({ role }) => role === 'kept')
  return { id: old?.id ?? tail, sha256: old?.sha256 ?? kept?.sha256 ?? '' }
}

/** How each of them stands now. `stands`: so many are as they are to be without any swap. */
export function standingsNow(context: StepContext, input: SwapInput, seen: readonly Seen[]) {
  const resolved = input.changes.map((change) => resolve(change, seen, context.key))
  const changes = resolved.flatMap((one) => (one.kind === 'known' ? [one.change] : []))
  return {
    changes,
    standings: standingsOf({ ...input, changes }, seen, context.key),
    problems: resolved.flatMap((one) => (one.kind === 'problem' ? [one.because] : [])),
    stands: resolved.filter(({ kind }) => kind === 'stands').length,
  }
}

function standingsOf(
  { changes, ...patience }: SwapInput,
  seen: readonly Container[],
  mark: string,
): readonly Standing[] {
  return changes.map((change) => {
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

export function isKeptAs(sha256: string | null, { role, sha256: its }: Container): boolean {
  return sha256 !== null && role === 'kept' && its === sha256
}

/** Where one stands: no other has the same. */
export function placeOf({ swap: { host, name } }: Pick<Standing, 'swap'>): string {
  return `${host}/${name}`
}

/** Something of this plan stands there. */
export function hasBegun({ scene: { fresh, kept } }: Standing): boolean {
  return fresh !== null || kept !== null
}

/**
 * Those of the first service that is not done: one service after the other, and of each host one container at a
 * time, so that some of them always serve. `over`: no call is left there, though it was not swapped; then
 * what has begun beside it, of whatever service, is still brought to its end, and nothing else begins.
 */
export function movesNow(
  standings: readonly Standing[],
  settled: ReadonlyMap<string, unknown> = new Map(),
): { readonly over: readonly Standing[]; readonly going: readonly Standing[] } {
  const left = standings.filter(({ move }) => move.kind !== 'done')
  const now = oneOfEachHost(left.filter(({ swap }) => swap.service === left[0]?.swap.service))
  const isOver = (one: Standing): boolean =>
    one.move.kind === 'given-back' || one.move.kind === 'lost' || settled.has(placeOf(one))
  const over = now.filter(isOver)
  if (over.length === 0) return { over, going: now }
  return { over, going: oneOfEachHost(left.filter((one) => !isOver(one) && hasBegun(one))) }
}

function oneOfEachHost(standings: readonly Standing[]): readonly Standing[] {
  const hosts = new Set<string>()
  return standings.filter(({ swap: { host } }) => !hosts.has(host) && hosts.add(host))
}
