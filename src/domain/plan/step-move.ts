import type { Applied } from './run.ts'

/**
 * Whether a part of what stands there is this run's own doing. `no-mark`: the target keeps no mark
 * of who wrote, so that only the journal knows that it was tried.
 */
export type Begun = boolean | 'no-mark'

/** What a look at the target found, held against what the plan says. */
export type Found = {
  /** It stands as the plan found it, at least in part; as it should; or as somebody else made it. */
  readonly kind: 'needed' | 'done' | 'blocked'
  readonly begun: Begun
}

/** What the journal says of the step when it is looked at. */
export type TurnFacts = {
  readonly started: boolean
  /** Somebody wants the run stopped. */
  readonly stopping: boolean
  /** What a stop does to a step that has begun to write. */
  readonly onAbort: 'finish' | 'interrupt'
  /** Whether the signatures hold at this moment; `unasked`: nobody has looked yet. */
  readonly gate: 'unasked' | 'holds' | 'closed'
}

export type StepMove =
  /** Whether it may write depends on the signatures: ask, and then ask here again (J7). */
  | { readonly kind: 'ask-gate' }
  | { readonly kind: 'refuse'; readonly because: 'gate-closed' }
  | { readonly kind: 'fail'; readonly applied: Applied; readonly because: 'blocked' | 'stopped' }
  | { readonly kind: 'apply' }
  /** `applied`: what stands there is this run's doing. */
  | { readonly kind: 'prove'; readonly applied: boolean }

/**
 * What a step does about what it saw. The same for a fresh step and for one that a crash has cut off
 * (J4): what has begun is finished, and before that the signatures are asked.
 */
export function stepMove(found: Found, turn: TurnFacts): StepMove {
  const begun = found.begun === 'no-mark' ? turn.started : found.begun
  if (
    found.kind === 'needed' &&
    turn.stopping &&
    !(found.begun === true && turn.onAbort === 'finish')
  ) {
    return { kind: 'fail', applied: appliedOf(found.begun, turn.started), because: 'stopped' }
  }
  if (!isOurs(found, turn)) {
    if (turn.gate === 'unasked') return { kind: 'ask-gate' }
    if (turn.gate === 'closed') return { kind: 'refuse', because: 'gate-closed' }
  }
  switch (found.kind) {
    case 'blocked':
      return { kind: 'fail', applied: appliedOf(found.begun, turn.started), because: 'blocked' }
    case 'done':
      return { kind: 'prove', applied: begun }
    case 'needed':
      return { kind: 'apply' }
    default:
      return found.kind satisfies never
  }
}

/** Its own mark stands there, or what the journal says was tried has come true: that needs no leave any more. */
export function isOurs(found: Found, { started }: Pick<TurnFacts, 'started'>): boolean {
  return found.begun === true || (found.kind === 'done' && started)
}

export type ProofFacts = {
  readonly kind: 'verified' | 'not-yet' | 'failed'
  readonly applied: boolean
  readonly stopping: boolean
  readonly onAbort: 'finish' | 'interrupt'
}

export type ProofMove =
  | { readonly kind: 'succeed' }
  | { readonly kind: 'fail'; readonly because: 'not-proved' | 'stopped' }
  /** Look again; what is under way is told as progress, what is only waited for as waiting. */
  | { readonly kind: 'again'; readonly as: 'progress' | 'waiting' }

/** What follows from a proof, or from its absence. */
export function proofMove({ kind, applied, stopping, onAbort }: ProofFacts): ProofMove {
  if (kind === 'verified') return { kind: 'succeed' }
  if (kind === 'failed') return { kind: 'fail', because: 'not-proved' }
  if (stopping && !(applied && onAbort === 'finish')) return { kind: 'fail', because: 'stopped' }
  return { kind: 'again', as: applied ? 'progress' : 'waiting' }
}

/** What is not marked and was started, may have been written; what was never started was not (J1). */
function appliedOf(begun: Begun, started: boolean): Applied {
  if (begun === true) return 'yes'
  return started ? 'unknown' : 'no'
}
