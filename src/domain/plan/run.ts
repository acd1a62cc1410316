import { z } from 'zod'
import { toMs } from '../base/instant.ts'

/** Whether the target was written to. */
export const Applied = z.enum(['yes', 'no', 'unknown'])
export type Applied = z.infer<typeof Applied>

/**
 * How a run came to its end.
 *
 * - `succeeded`: every step was verified.
 * - `failed`: a step was not; what it left is said with it.
 * - `aborted`: a person stopped it.
 * - `gate-closed`: right before the first write the signatures did not hold any more. Nothing was written.
 */
export const Outcome = z.enum(['succeeded', 'failed', 'aborted', 'gate-closed'])
export type Outcome = z.infer<typeof Outcome>

export type StepState =
  | { readonly kind: 'pending'; readonly waiting: string | null }
  | {
      readonly kind: 'started'
      readonly at: string
      /** What it waits for: a dependency that does not answer. */
      readonly waiting: string | null
      /** How far it is: "2 of 3 pods ready". */
      readonly says: string | null
    }
  | {
      readonly kind: 'succeeded'
      readonly startedAt: string
      readonly at: string
      /** `false`: it stood so already, and nothing was written. */
      readonly applied: boolean
      readonly says: string
    }
  | {
      readonly kind: 'failed'
      readonly startedAt: string
      readonly at: string
      readonly applied: Applied
      readonly says: string
    }

export type Run = {
  readonly startedAt: string
  readonly steps: readonly StepState[]
  readonly abort: { readonly by: string; readonly at: string } | null
  readonly ended: { readonly outcome: Outcome; readonly says: string; readonly at: string } | null
}

export function isRunning(run: Run | null): run is Run {
  return run !== null && run.ended === null
}

/** Whether an earlier step of the run has certainly written: from then on it is to be finished. */
export function hasWritten(run: Run): boolean {
  return run.steps.some(
    (step) =>
      (step.kind === 'succeeded' && step.applied) ||
      (step.kind === 'failed' && step.applied === 'yes'),
  )
}

/** Whether anything may have been written: then there may be something to undo. */
export function mayHaveWritten(run: Run): boolean {
  return run.steps.some(stepMayHaveWritten)
}

export function stepMayHaveWritten(step: StepState): boolean {
  if (step.kind === 'failed') return step.applied !== 'no'
  return step.kind === 'started' || (step.kind === 'succeeded' && step.applied)
}

export type RunAction =
  | { readonly kind: 'carry-out'; readonly step: number }
  | { readonly kind: 'end'; readonly outcome: Outcome; readonly says: string }

/** What the run asks for now (J6). */
export function runAction(run: Run): RunAction {
  const failed = run.steps.find((step) => step.kind === 'failed')
  const open = run.steps.findIndex(({ kind }) => kind === 'pending' || kind === 'started')
  const step = run.steps[open]
  if (failed) {
    return { kind: 'end', outcome: run.abort ? 'aborted' : 'failed', says: failed.says }
  }
  if (!step) {
    return { kind: 'end', outcome: 'succeeded', says: 'every step was carried out and verified' }
  }
  // What was started is carried to where it can be said what it left.
  if (run.abort && step.kind === 'pending') {
    return { kind: 'end', outcome: 'aborted', says: leftUndone(run) }
  }
  return { kind: 'carry-out', step: open }
}

/** From when on the deadline of a step counts: since it was started, and before that since its turn came. */
export function stepSinceMs({ startedAt, steps }: Run, index: number): number {
  const step = steps[index]
  if (step?.kind === 'started') return toMs(step.at)
  const before = steps[index - 1]
  return toMs(before?.kind === 'succeeded' ? before.at : startedAt)
}

function leftUndone({ steps }: Run): string {
  const done = steps.filter((step) => step.kind === 'succeeded').length
  return done === 0
    ? 'stopped before the first step; nothing was written'
    : `stopped after step ${done} of ${steps.length}; what was done stays as it is`
}
