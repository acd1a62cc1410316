import type { StepContext } from '../../engine/run/step.ts'
import type { Container } from '../../ports/containers.ts'
import { containersOf } from '../parts/require-port.ts'
import type { SwapChange, SwapInput } from './swap-change.ts'
import { idOfOld, sceneOf, swapMove, type Scene, type Swap, type SwapMove } from './swap.ts'

/** A swap whose every identity is known, and what stands there of it. */
export type Standing = { readonly swap: Swap; readonly scene: Scene; readonly move: SwapMove }

/** What runs and is kept of these services now. */
export function look(
  { world, signal }: StepContext,
  { changes }: Pick<SwapInput, 'changes'>,
): Promise<readonly Container[]> {
  const services = [...new Set(changes.map(({ service }) => service))]
  return containersOf(world).sightings(services, signal)
}

/** The same change with the identities that stand there. Once begun, they are found by what this plan has made. */
export function resolve(
  change: SwapChange,
  seen: readonly Container[],
  mark: string,
): { readonly change: SwapChange } | { readonly problem: string } {
  const { service, host, name, from } = change
  if (from.id !== null) return { change }
  const here = seen.filter((one) => one.service === service && one.host === host)
  const begun = begunWith(change, here, mark)
  if (begun) return { change: { ...change, from: { ...from, ...begun } } }
  const now = here.find((one) => one.name === name && one.role === 'serving' && one.mark !== mark)
  if (!now) return { problem: `${service} on ${host}: ${name} is not there any more` }
  if (now.image.id !== from.image.id || now.mark === null) {
    return { problem: `${service} on ${host}: somebody made ${name} anew, it is not what was left` }
  }
  return { change: { ...change, from: { ...from, id: now.id, sha256: now.sha256 } } }
}

/** From whom it was begun: what this plan has made tells it, also when that one has another name, or is gone. */
function begunWith(
  { name }: SwapChange,
  here: readonly Container[],
  mark: string,
): Pick<SwapChange['from'], 'id' | 'sha256'> | null {
  const ours = here.filter((one) => one.mark === mark)
  const [id] = ours.flatMap((one) => idOfOld(name, one) ?? [])
  if (id !== undefined) {
    const old = here.find((one) => one.id.startsWith(id))
    const kept = ours.find(({ role }) => role === 'kept')
    return { id: old?.id ?? id, sha256: kept?.sha256 ?? old?.sha256 ?? null }
  }
  // Somebody removed what was kept: what serves is all that is left of it.
  const fresh = ours.find((one) => one.name === name && one.role === 'serving')
  return fresh ? { id: '', sha256: fresh.sha256 } : null
}

/** How each of them stands now. */
export function standingsNow(context: StepContext, input: SwapInput, seen: readonly Container[]) {
  const changes = input.changes.flatMap((change) => {
    const one = resolve(change, seen, context.key)
    return 'change' in one ? [one.change] : []
  })
  return standingsOf({ ...input, changes }, seen, context.key)
}

export function standingsOf(
  { changes, ...patience }: SwapInput,
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

export function isKeptAs(sha256: string | null, { role, sha256: its }: Container): boolean {
  return sha256 !== null && role === 'kept' && its === sha256
}

/**
 * Those of the first service that is not done, and all that are: one service after the other. What was begun goes
 * on before it is said of another one that it cannot: nothing is left half way.
 */
export function movesNow(standings: readonly Standing[]): readonly Standing[] {
  const left = standings.filter(({ move }) => move.kind !== 'done')
  const inOrder = [...left.filter(isUnderWay), ...left.filter((one) => !isUnderWay(one))]
  const [first] = inOrder
  if (!first) return standings
  const sameService = inOrder.filter(({ swap }) => swap.service === first.swap.service)
  // Several on one host take turns, so that some of them always serve.
  const hosts = new Set<string>()
  return sameService.filter(({ swap: { host } }) => !hosts.has(host) && hosts.add(host))
}

/** There is something to do or to wait for. */
export function goesOn({ move }: Standing): boolean {
  return move.kind === 'write' || move.kind === 'wait'
}

/** It goes on, and this plan has made something of it already. */
export function isUnderWay(standing: Standing): boolean {
  const { fresh, kept } = standing.scene
  return goesOn(standing) && (fresh !== null || kept !== null)
}
