import { toMs } from '../../domain/base/instant.ts'
import type { Container, ContainerWrite, ImageId, VariableChange } from '../../ports/containers.ts'
import { readinessOfNew, type Patience } from './readiness.ts'
import { create, isUp, remove, rename, start, stop, stopFor, takeAway } from './swap-calls.ts'
import { namesOf } from './swap-names.ts'

/** One container that another one takes the place of. */
export type Swap = {
  readonly service: string
  readonly host: string
  /** The name that both have while they serve. */
  readonly name: string
  readonly from: { readonly id: string; readonly image: ImageId; readonly sha256: string }
  readonly to: { readonly image: ImageId }
  /** The image stays, and this variable is what changes. */
  readonly variable?: VariableChange | undefined
  /** The container that the new one is made like: the old one, or what was kept of the one before it. */
  readonly like: { readonly id: string; readonly sha256: string }
  /** Its ports are ports of the host: the old one has to end before the new one can begin. */
  readonly publishes: boolean
  readonly restartPolicy: string
  /** The old one had ended before anything was done: it is never started. */
  readonly hadEnded?: true | undefined
  /** Its service is stopped meanwhile: neither of the two is started by this. */
  readonly runs?: false | undefined
}

/** What stands on the host, of one swap. */
export type Scene = {
  readonly old: Container | null
  readonly fresh: Container | null
  /** What is kept of the old one by this plan. */
  readonly kept: Container | null
  /** Made by somebody else meanwhile, to serve the same. */
  readonly strangers: readonly Container[]
  /** What an earlier plan has left of its own way with the same old one. */
  readonly remains: readonly Container[]
  /** All of its service there. */
  readonly here: readonly Container[]
}

export type SwapMove =
  /**
   * `followedBy`: where the first is done, right after it. It looks by itself whether all stands as it is to stand then.
   * `clears`: the new one has its place already, and only what stands aside is removed: refused, it stays there.
   */
  | {
      readonly kind: 'write'
      readonly write: ContainerWrite
      readonly followedBy?: ContainerWrite
      readonly clears?: true
    }
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
  const { all, made } = namesOf(swap)
  const ours = here.filter((one) => one.mark === mark && all.includes(one.name))
  const old = here.find(({ id }) => id === swap.from.id) ?? null
  return {
    old,
    fresh: ours.find(({ role }) => role === 'serving') ?? null,
    kept: ours.find(({ role }) => role === 'kept') ?? null,
    strangers: here.filter(({ id, role, mark: by, name, createdAt }) => {
      const after = old === null || toMs(createdAt) > toMs(old.createdAt)
      return role === 'serving' && by === null && id !== swap.from.id && name === swap.name && after
    }),
    remains: here.filter(({ id, mark: by, name }) => {
      return id !== swap.from.id && by !== null && by !== mark && made.includes(name)
    }),
    here,
  }
}

/** What is kept has been renamed to say that the new one did not take over. */
export function isFailed(swap: Swap, kept: Container | null): boolean {
  return kept?.name === namesOf(swap).failed
}

/**
 * The next call of a swap, from what stands on the host and nothing else: a crash between two calls loses
 * nothing (J4). What is kept of the old one is made second: that it stands says that the new one was made.
 */
export function swapMove(swap: Swap, scene: Scene, mark: string, patience: Patience): SwapMove {
  const { old, fresh, kept, strangers } = scene
  const names = namesOf(swap)
  const [stranger] = strangers
  if (stranger && fresh) return takeAway(swap, fresh)
  if (stranger) return lost(swap, scene, `somebody made ${stranger.name} anew meanwhile`)
  if (isFailed(swap, kept)) return giveBack(swap, scene, mark)
  if (!old) return withoutOld(swap, scene, patience)
  if (!fresh && !kept) return begins(swap, scene, mark)
  if (!kept) return create(swap, mark, 'kept')
  // Somebody removed the new one.
  if (!fresh) return rename(swap, kept, names.failed)
  const both = { old, fresh }
  if (swap.runs === false) {
    return stopFresh(swap, scene) ?? stopOld(swap, scene) ?? changePlaces(swap, both)
  }
  const steps = swap.publishes ? [stopOld, begin] : [begin]
  for (const step of steps) {
    const move = step(swap, scene)
    if (move) return move
  }
  const readiness = readinessOfNew(fresh, old, patience)
  if (readiness.kind === 'failed') return rename(swap, kept, names.failed)
  if (readiness.kind === 'not-yet') return { kind: 'wait', says: said(swap, readiness.says) }
  const stopping = stopOld(swap, scene)
  if (stopping) return stopping
  return changePlaces(swap, both)
}

/** The new one gets the name, and the old one, which does not run, is removed. */
function changePlaces(
  swap: Swap,
  { old, fresh }: { readonly old: Container; readonly fresh: Container },
): SwapMove {
  const { host, service, name } = swap
  const names = namesOf(swap)
  if (old.name === name) return rename(swap, old, names.aside)
  if (fresh.name !== name) return rename(swap, fresh, name)
  const keepChangesAs = `backout-kept/${service}:${names.kept.slice(-12)}`
  return { kind: 'write', write: { kind: 'remove', host, id: old.id, keepChangesAs }, clears: true }
}

/** Why the new one does not take over, for whoever reads why the old one serves again; `null`: it is not known. */
export function failureOf(
  swap: Swap,
  { old, fresh, kept }: Scene,
  patience: Patience,
): string | null {
  const isGivenBack = isFailed(swap, kept)
  if (!fresh) return kept && !isGivenBack ? 'somebody removed the new one' : null
  // Once it is given back, one that has ended was ended by this bot.
  if (isGivenBack && !isUp(fresh)) return null
  if (swap.runs === false) return null
  const readiness = readinessOfNew(fresh, old, patience)
  return readiness.kind === 'failed' ? readiness.says : null
}

/** Nothing is there to make another one like. */
const GONE = 'somebody removed it, and nothing of it is left to make it again from: deploy it again'

/** What an earlier plan has left is in the way by its name, and is of no use: the old one is there. */
function begins(swap: Swap, { remains: [remain] }: Scene, mark: string): SwapMove {
  return remain ? takeAway(swap, remain) : create(swap, mark, 'serving')
}

/** It is the last thing that is removed: without it the swap is over, or somebody else has removed it. */
function withoutOld(swap: Swap, scene: Scene, patience: Patience): SwapMove {
  const { fresh, kept } = scene
  const { failed } = namesOf(swap)
  if (!fresh) return kept ? rename(swap, kept, failed) : lost(swap, scene, GONE)
  const { runs = true } = swap
  if (fresh.name === swap.name && (fresh.state === 'running' || !runs)) return { kind: 'done' }
  if (!runs) return stopFresh(swap, scene) ?? rename(swap, fresh, swap.name)
  const starting = begin(swap, scene)
  if (starting) return starting
  const readiness = readinessOfNew(fresh, null, patience)
  if (readiness.kind === 'not-yet') return { kind: 'wait', says: said(swap, readiness.says) }
  if (readiness.kind === 'ready') return rename(swap, fresh, swap.name)
  return kept ? rename(swap, kept, failed) : lost(swap, scene, readiness.says)
}

/** The other way round, up to where everything stands as it did. */
function giveBack(swap: Swap, scene: Scene, mark: string): SwapMove {
  const { old, fresh } = scene
  const { hadEnded = false, runs = true } = swap
  if (!old) return makeAgain(swap, scene, mark)
  const isBack = isUp(old) ? hasItsPolicy(swap, old) : hadEnded || !runs
  if (fresh && isUp(fresh) && (swap.publishes || isBack)) {
    return isBack ? stop(swap, fresh) : stopFor(swap, fresh, { next: old, here: scene.here })
  }
  if (!isBack) return start(swap, old)
  if (fresh?.name === swap.name) return rename(swap, fresh, namesOf(swap).next)
  if (old.name !== swap.name) return rename(swap, old, swap.name)
  return fresh ? remove(swap, fresh) : { kind: 'given-back' }
}

/** Somebody removed the old one: another one, made as it was. */
function makeAgain(swap: Swap, scene: Scene, mark: string): SwapMove {
  const { fresh, kept } = scene
  const { host, service, from, name, runs = true } = swap
  if (fresh && !isLikeOld(swap, fresh)) return takeAway(swap, fresh)
  if (!fresh && kept) {
    const made = { like: kept.id, sha256: from.sha256, image: from.image, name: namesOf(swap).next }
    return {
      kind: 'write',
      write: { kind: 'create', host, service, role: 'serving', mark, ...made },
    }
  }
  if (!fresh) return lost(swap, scene, GONE)
  if (runs && !isUp(fresh)) return start(swap, fresh)
  return fresh.name === name ? { kind: 'given-back' } : rename(swap, fresh, name)
}

/** By its image alone, unless only a variable tells the two apart: then by all that it was created with. */
function isLikeOld({ from, variable }: Swap, { image, sha256 }: Container): boolean {
  return image.id === from.image.id && (variable === undefined || sha256 === from.sha256)
}

/** A stop that was cut off has taken it away, and its host would not start it again. */
function hasItsPolicy({ restartPolicy }: Swap, old: Container): boolean {
  return old.restartPolicy !== 'no' || restartPolicy === 'no'
}

/** Where the new one is started by then, it is stopped alone. */
function stopOld(swap: Swap, { old, fresh, here }: Scene): SwapMove | null {
  if (!old || !isUp(old)) return null
  const { runs = true } = swap
  const starts = runs && fresh?.state === 'created'
  return starts ? stopFor(swap, old, { next: fresh, here }) : stop(swap, old)
}

/** Nothing of a service that is stopped meanwhile runs, whoever has started it. */
function stopFresh(swap: Swap, { fresh }: Scene): SwapMove | null {
  return fresh && isUp(fresh) ? stop(swap, fresh) : null
}

function begin(swap: Swap, { fresh }: Scene): SwapMove | null {
  return fresh?.state === 'created' ? start(swap, fresh) : null
}

/** What of it stays there, and serves nobody, is said with it. */
function lost(swap: Swap, { old, kept }: Scene, says: string): SwapMove {
  const left = [old, kept].flatMap((one) => (one && one.name !== swap.name ? [one.name] : []))
  const stays = left.length > 0 ? `; left beside it: ${left.join(', ')}` : ''
  return { kind: 'lost', says: said(swap, `${says}${stays}`) }
}

function said({ service, host }: Swap, says: string): string {
  return `${service} on ${host}: ${says}`
}
