import { toMs } from '../../domain/base/instant.ts'
import type { Container, ContainerWrite, ImageId } from '../../ports/containers.ts'
import { readinessOf, type Patience } from './readiness.ts'

/** One container that another one takes the place of. */
export type Swap = {
  readonly service: string
  readonly host: string
  /** The name that both have while they serve. */
  readonly name: string
  readonly from: { readonly id: string; readonly image: ImageId; readonly sha256: string }
  readonly to: { readonly image: ImageId }
  /** The container that the new one is made like: the old one, or what was kept of the one before it. */
  readonly like: { readonly id: string; readonly sha256: string }
  /** Its ports are ports of the host: the old one has to end before the new one can begin. */
  readonly publishes: boolean
  readonly restartPolicy: string
}

/** What stands on the host, of one swap. */
export type Scene = {
  readonly old: Container | null
  readonly fresh: Container | null
  /** What is kept of the old one by this plan. */
  readonly kept: Container | null
  /** Made by somebody else meanwhile, to serve the same. */
  readonly strangers: readonly Container[]
}

export type SwapMove =
  | { readonly kind: 'write'; readonly write: ContainerWrite }
  | { readonly kind: 'wait'; readonly says: string }
  /** The new one serves, and nothing is left to do. */
  | { readonly kind: 'done' }
  /** The new one did not become well, and the old one serves as before. */
  | { readonly kind: 'given-back' }
  /** Neither serves as it should, and this bot knows no call that mends it. */
  | { readonly kind: 'lost'; readonly says: string }

/** Which containers of a look belong to this swap. `mark`: of the plan that makes it. */
export function sceneOf(swap: Swap, containers: readonly Container[], mark: string): Scene {
  const here = containers.filter(({ host, service }) => {
    return host === swap.host && service === swap.service
  })
  const ours = here.filter((one) => one.mark === mark && namesOf(swap).all.includes(one.name))
  const old = here.find(({ id }) => id === swap.from.id) ?? null
  return {
    old,
    fresh: ours.find(({ role }) => role === 'serving') ?? null,
    kept: ours.find(({ role }) => role === 'kept') ?? null,
    strangers: here.filter(({ id, role, mark: by, name, createdAt }) => {
      const after = old === null || toMs(createdAt) > toMs(old.createdAt)
      return role === 'serving' && by === null && id !== swap.from.id && name === swap.name && after
    }),
  }
}

/** Derived from the old one's id: two that try at once want the same names, and one of them gets none (J5). */
function namesOf({ name, from: { id } }: Pick<Swap, 'name' | 'from'>) {
  const tail = id.replace(/^sha256:/, '').slice(0, 12)
  const names = {
    next: `${name}-next-${tail}`,
    kept: `${name}-kept-${tail}`,
    failed: `${name}-failed-${tail}`,
    aside: `${name}-old-${tail}`,
  }
  return { ...names, all: [name, ...Object.values(names)] }
}

/** How the id of the one begins whose place it takes, as its name tells; `null`: it is not of such a swap. */
export function idOfOld(name: string, { name: its }: Pick<Container, 'name'>): string | null {
  if (!its.startsWith(`${name}-`)) return null
  const [, id = null] =
    /^(?:next|kept|failed)-([0-9a-f]{12})$/.exec(its.slice(name.length + 1)) ?? []
  return id
}

/**
 * The next call of a swap, from what stands on the host and nothing else: a crash between two calls loses
 * nothing (J4). What is kept of the old one is made second: that it stands says that the new one was made.
 */
export function swapMove(swap: Swap, scene: Scene, mark: string, patience: Patience): SwapMove {
  const { old, fresh, kept, strangers } = scene
  const names = namesOf(swap)
  const [stranger] = strangers
  if (stranger && fresh) return isUp(fresh) ? stop(swap, fresh) : remove(swap, fresh)
  if (stranger) return lost(swap, `somebody made ${stranger.name} anew meanwhile`)
  if (kept?.name === names.failed) return giveBack(swap, scene, mark)
  if (!old) return withoutOld(swap, scene, patience)
  if (!fresh && !kept) return create(swap, mark, 'serving')
  if (!kept) return create(swap, mark, 'kept')
  // Somebody removed the new one.
  if (!fresh) return rename(swap, kept, names.failed)
  const steps = swap.publishes ? [stopOld, begin] : [begin]
  for (const step of steps) {
    const move = step(swap, scene)
    if (move) return move
  }
  const { host } = swap
  const readiness = readinessOf(fresh, old, patience)
  if (readiness.kind === 'failed') return rename(swap, kept, names.failed)
  if (readiness.kind === 'not-yet') return { kind: 'wait', says: said(swap, readiness.says) }
  const stopping = stopOld(swap, scene)
  if (stopping) return stopping
  if (old.name === swap.name) return rename(swap, old, names.aside)
  if (fresh.name !== swap.name) return rename(swap, fresh, swap.name)
  const keepChangesAs = `backout-kept/${swap.service}:${names.kept.slice(-12)}`
  return { kind: 'write', write: { kind: 'remove', host, id: old.id, keepChangesAs } }
}

/** Why the new one is not well, for whoever reads why the old one serves again. */
export function failureOf({ old, fresh }: Scene, patience: Patience): string | null {
  if (!fresh) return 'somebody removed the new one'
  const readiness = readinessOf(fresh, old, patience)
  return readiness.kind === 'failed' ? readiness.says : null
}

/** It is the last thing that is removed: without it the swap is over, or somebody else has removed it. */
function withoutOld(swap: Swap, scene: Scene, patience: Patience): SwapMove {
  const { fresh, kept } = scene
  const { failed } = namesOf(swap)
  if (!fresh) return kept ? rename(swap, kept, failed) : lost(swap, 'somebody removed it')
  if (fresh.name === swap.name && fresh.state === 'running') return { kind: 'done' }
  const starting = begin(swap, scene)
  if (starting) return starting
  const readiness = readinessOf(fresh, null, patience)
  if (readiness.kind === 'not-yet') return { kind: 'wait', says: said(swap, readiness.says) }
  if (readiness.kind === 'ready') return rename(swap, fresh, swap.name)
  return kept ? rename(swap, kept, failed) : lost(swap, readiness.says)
}

/** The other way round, up to where everything stands as it did. */
function giveBack(swap: Swap, scene: Scene, mark: string): SwapMove {
  const { old, fresh } = scene
  if (!old) return makeAgain(swap, scene, mark)
  if (fresh && isUp(fresh) && (swap.publishes || isUp(old))) return stop(swap, fresh)
  if (!isUp(old)) return start(swap, old)
  if (fresh?.name === swap.name) return rename(swap, fresh, namesOf(swap).next)
  if (old.name !== swap.name) return rename(swap, old, swap.name)
  return fresh ? remove(swap, fresh) : { kind: 'given-back' }
}

/** Somebody removed the old one: another one, made as it was. */
function makeAgain(swap: Swap, { fresh, kept }: Scene, mark: string): SwapMove {
  const { host, service, from, name } = swap
  if (fresh && fresh.image.id !== from.image.id) {
    return isUp(fresh) ? stop(swap, fresh) : remove(swap, fresh)
  }
  if (!fresh && kept) {
    const made = { like: kept.id, sha256: from.sha256, image: from.image, name: namesOf(swap).next }
    return {
      kind: 'write',
      write: { kind: 'create', host, service, role: 'serving', mark, ...made },
    }
  }
  if (!fresh) return lost(swap, 'somebody removed it, and what was kept of it')
  if (!isUp(fresh)) return start(swap, fresh)
  return fresh.name === name ? { kind: 'given-back' } : rename(swap, fresh, name)
}

function stopOld(swap: Swap, { old }: Scene): SwapMove | null {
  return old && isUp(old) ? stop(swap, old) : null
}

function begin(swap: Swap, { fresh }: Scene): SwapMove | null {
  return fresh?.state === 'created' ? start(swap, fresh) : null
}

function start({ host, restartPolicy }: Swap, { id }: Container): SwapMove {
  return { kind: 'write', write: { kind: 'start', host, id, restartPolicy } }
}

function create(swap: Swap, mark: string, role: Container['role']): SwapMove {
  const { host, service, from, to, like } = swap
  const names = namesOf(swap)
  const made =
    role === 'serving'
      ? { like: like.id, sha256: like.sha256, image: to.image, name: names.next }
      : { like: from.id, sha256: from.sha256, image: from.image, name: names.kept }
  return { kind: 'write', write: { kind: 'create', host, service, role, mark, ...made } }
}

function stop({ host }: Swap, { id }: Container): SwapMove {
  return { kind: 'write', write: { kind: 'stop', host, id } }
}

/** What it has written beside its volumes is not wanted. */
function remove({ host }: Swap, { id }: Container): SwapMove {
  return { kind: 'write', write: { kind: 'remove', host, id, keepChangesAs: null } }
}

function rename({ host }: Swap, { id }: Container, name: string): SwapMove {
  return { kind: 'write', write: { kind: 'rename', host, id, name } }
}

/** Its ports are taken, and requests may come to it. */
function isUp({ state }: Container): boolean {
  return state === 'running' || state === 'restarting' || state === 'paused'
}

function lost(swap: Swap, says: string): SwapMove {
  return { kind: 'lost', says: said(swap, says) }
}

function said({ service, host }: Swap, says: string): string {
  return `${service} on ${host}: ${says}`
}
