import type { Container } from '../../ports/containers.ts'
import { namesOf } from './swap-names.ts'
import type { Swap, SwapMove } from './swap.ts'

export function start({ host, restartPolicy }: Swap, { id }: Container): SwapMove {
  return { kind: 'write', write: { kind: 'start', host, id, restartPolicy } }
}

export function create(swap: Swap, mark: string, role: Container['role']): SwapMove {
  const { host, service, from, to, like, variable } = swap
  const names = namesOf(swap)
  // What was kept of the one before has the value that it had.
  const change = variable && like.id === from.id ? { variable } : {}
  const made =
    role === 'serving'
      ? { like: like.id, sha256: like.sha256, image: to.image, name: names.next, ...change }
      : { like: from.id, sha256: from.sha256, image: from.image, name: names.kept }
  return { kind: 'write', write: { kind: 'create', host, service, role, mark, ...made } }
}

export function takeAway(swap: Swap, one: Container): SwapMove {
  return isUp(one) ? stop(swap, one) : remove(swap, one)
}

export function stop({ host }: Swap, { id }: Container): SwapMove {
  return { kind: 'write', write: { kind: 'stop', host, id } }
}

/** Nobody serves between these two: all that can be done and looked at before is. */
export function stopFor(
  { host, restartPolicy }: Swap,
  { id }: Container,
  { next, here }: { readonly next: Container; readonly here: readonly Container[] },
): SwapMove {
  const among = here.map((one) => {
    return { id: one.id, name: one.name, state: one.id === id ? ('exited' as const) : one.state }
  })
  const begins = { id: next.id, restartPolicy }
  return {
    kind: 'write',
    write: { kind: 'stop', host, id, next: begins },
    followedBy: { kind: 'start', host, ...begins, among },
  }
}

/** What it has written beside its volumes is not wanted. */
export function remove({ host }: Swap, { id }: Container): SwapMove {
  return { kind: 'write', write: { kind: 'remove', host, id, keepChangesAs: null } }
}

export function rename({ host }: Swap, { id }: Container, name: string): SwapMove {
  return { kind: 'write', write: { kind: 'rename', host, id, name } }
}

/** Its ports are taken, and requests may come to it. */
export function isUp({ state }: Container): boolean {
  return state === 'running' || state === 'restarting' || state === 'paused'
}
