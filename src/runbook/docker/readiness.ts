import type { Container } from '../../ports/containers.ts'

/** How long a container gets once it was started. */
export type Patience = {
  /** Until its health check has to say that it is healthy. */
  readonly readyWithinMs: number
  /** How long one without a health check has to run without a restart. */
  readonly settleMs: number
}

export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'not-yet'; readonly says: string }
  | { readonly kind: 'failed'; readonly says: string }

/**
 * Whether a container may take over. `before`: the one whose place it takes, which it has to be found as.
 * A health check of its own decides; without one, that it runs on. `called`: where more than one is spoken of.
 */
export function readinessOf(
  { state, health, trouble, runningMs, restarts, aliases }: Container,
  before: Pick<Container, 'aliases'> | null,
  { readyWithinMs, settleMs, called = 'the container' }: Patience & { readonly called?: string },
): Readiness {
  const why = trouble === null ? '' : `: ${trouble}`
  if (state === 'exited' || state === 'dead') return failed(`${called} ended${why}`)
  if (state === 'restarting' || restarts > 0) {
    return failed(`${called} ends again and again${why}`)
  }
  if (state !== 'running' || runningMs === null) return notYet(`${called} is ${state}`)
  if (health === 'unhealthy') return failed(`its health check says unhealthy${why}`)
  if (health === 'starting') {
    return runningMs > readyWithinMs
      ? failed(`its health check did not say healthy within ${inSeconds(readyWithinMs)}${why}`)
      : notYet(`runs for ${inSeconds(runningMs)}, its health check has not decided yet`)
  }
  if (health === 'none' && runningMs < settleMs) {
    return notYet(`runs for ${inSeconds(runningMs)} of ${inSeconds(settleMs)}`)
  }
  const missing = (before?.aliases ?? []).filter((alias) => !aliases.includes(alias))
  return missing.length > 0
    ? failed(`${called} is not found as ${missing.join(', ')}`)
    : { kind: 'ready' }
}

/** Told from the old one, which serves again where it fails. */
export function readinessOfNew(
  fresh: Container,
  old: Pick<Container, 'aliases'> | null,
  patience: Patience,
): Readiness {
  return readinessOf(fresh, old, { ...patience, called: 'the new container' })
}

function failed(says: string): Readiness {
  return { kind: 'failed', says }
}

function notYet(says: string): Readiness {
  return { kind: 'not-yet', says }
}

function inSeconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
