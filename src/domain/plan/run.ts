import { z } from 'zod'
import { toMs } from '../base/instant.ts'
import type { Actor } from '../base/actor.ts'
import type { Plan, PlannedStep } from './plan.ts'

/** Whether the target was written to. */
export const Applied = z.enum(['yes', 'no', 'unknown'])
export type Applied = z.infer<typeof Applied>

/** How far something is: 2 of 3 pods, 120,000 of 200,000 documents. */
export const Progress = z.object({
  done: z.number().min(0),
  total: z.number().min(0),
  unit: z.string(),
})
export type Progress = z.infer<typeof Progress>

/** What is done may go on for hours in the same words. */
export function isFurther(before: Progress | null, now: Progress | null): boolean {
  return now !== null && (before?.done !== now.done || before.total !== now.total)
}

/**
 * How a run came to its end.
 *
 * - `succeeded`: every step was verified.
 * - `incomplete`: what the plan is for was done and verified; a step beside it was not.
 * - `failed`: a step was not verified; what it left is said with it.
 * - `aborted`: a person stopped it.
 * - `out-of-time`: the time that was signed for it was over before the next step began.
 * - `gate-closed`: right before the first write the signatures did not hold any more. Nothing was written.
 */
export const Outcome = z.enum([
  'succeeded',
  'incomplete',
  'failed',
  'aborted',
  'out-of-time',
  'gate-closed',
])
export type Outcome = z.infer<typeof Outcome>

/** What a step has found out, for later plans of the incident. Known to the step of that id. */
export const StepFacts = z.json()
export type StepFacts = z.infer<typeof StepFacts>

export type StepState =
  | {
      readonly kind: 'pending'
      readonly waiting: string | null
      /** Since when people are asked to do it; left out: they are not. */
      readonly askedAt?: string
    }
  | {
      readonly kind: 'started'
      readonly at: string
      /** What it waits for: a dependency that does not answer. */
      readonly waiting: string | null
      /** How far it is: "2 of 3 pods ready". */
      readonly says: string | null
      readonly progress: Progress | null
    }
  | {
      readonly kind: 'succeeded'
      readonly startedAt: string
      readonly at: string
      /** `false`: it stood so already, and nothing was written. */
      readonly applied: boolean
      readonly says: string
      readonly facts?: StepFacts
      /** Who did it, or saw to it, where it is a step that people do. */
      readonly by?: Actor
    }
  | ({
      readonly kind: 'failed'
      readonly startedAt: string
      readonly at: string
      readonly applied: Applied
      readonly says: string
    } & LeftNothing)

/** Why nothing stands of a step that did write. */
export type LeftNothing = {
  /** It has taken all of it back. */
  readonly takenBack?: true
  /** It wrote to try what is there, and nothing else; what it could not clean up, it says. */
  readonly onlyTried?: true
}

export function leftNothing({ takenBack, onlyTried }: Optional<LeftNothing>): LeftNothing {
  return { ...(takenBack ? { takenBack } : {}), ...(onlyTried ? { onlyTried } : {}) }
}

/** As a schema reads it. */
type Optional<Fields> = { readonly [Name in keyof Fields]?: Fields[Name] | undefined }

export type Run = {
  readonly startedAt: string
  readonly steps: readonly StepState[]
  readonly abort: { readonly by: Actor; readonly at: string } | null
  readonly ended: { readonly outcome: Outcome; readonly says: string; readonly at: string } | null
}

/** People are asked to do it, and have not said that it is done. */
export function isAsked(
  step: StepState,
): step is StepState & { readonly kind: 'pending'; readonly askedAt: string } {
  return step.kind === 'pending' && step.askedAt !== undefined
}

export function isRunning(run: Run | null): run is Run {
  return run !== null && run.ended === null
}

/** What the plan was for stands: all of it was carried out and verified. */
export function hasDone(run: Run | null): run is Run {
  return run?.ended?.outcome === 'succeeded' || run?.ended?.outcome === 'incomplete'
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

/** The step whose turn it is; -1: none. After one that failed, only what gives back is left to do. */
export function openStep({ steps }: Pick<Run, 'steps'>, planned: readonly PlannedStep[]): number {
  const broken = brokenSteps({ steps }, planned)
  return steps.findIndex(({ kind }, at) => {
    const open = kind === 'pending' || kind === 'started'
    return open && broken.every((one) => givesBack(planned[at], one))
  })
}

type Broken = Extract<StepState, { kind: 'failed' }> & { readonly id: string | undefined }

/** Those that failed and that the plan hangs on. */
function brokenSteps(
  { steps }: Pick<Run, 'steps'>,
  planned: readonly PlannedStep[],
): readonly Broken[] {
  return steps.flatMap((step, at) => {
    const broken = step.kind === 'failed' && !isBeside(planned[at])
    return broken ? [{ ...step, id: planned[at]?.id }] : []
  })
}

function givesBack(step: PlannedStep | undefined, { id, applied }: Broken): boolean {
  return applied === 'no' && id !== undefined && step?.givesBackAfter === id
}

export type RunAction =
  | { readonly kind: 'carry-out'; readonly step: number }
  /** Only a person can do it, and say so. */
  | { readonly kind: 'wait-for-people'; readonly step: number }
  | { readonly kind: 'end'; readonly outcome: Outcome; readonly says: string }

type Signed = Pick<Plan, 'steps' | 'finish'>

/** What the run asks for now (J6). What was started is carried to where it can be said what it left. */
export function runAction(run: Run, plan: Signed, nowMs: number): RunAction {
  const broken = brokenSteps(run, plan.steps)
  const open = openStep(run, plan.steps)
  const step = run.steps[open]
  if (broken.length > 0) {
    if (step && !run.abort) return carriedBy(plan.steps[open], open)
    const says = broken.map((one) => one.says).join('; ')
    return { kind: 'end', outcome: run.abort ? 'aborted' : 'failed', says }
  }
  if (!step) return wholeEnd(run)
  if (step.kind === 'pending' && run.abort) {
    return { kind: 'end', outcome: 'aborted', says: leftUndone(run) }
  }
  const { finish } = plan
  if (step.kind === 'pending' && finish && nowMs >= toMs(run.startedAt) + finish.withinMs) {
    return { kind: 'end', outcome: 'out-of-time', says: `${leftUndone(run)}; ${finish.safeStop}` }
  }
  return carriedBy(plan.steps[open], open)
}

function carriedBy(planned: PlannedStep | undefined, step: number): RunAction {
  return { kind: planned?.byPeople === undefined ? 'carry-out' : 'wait-for-people', step }
}

function wholeEnd(run: Run): RunAction {
  const beside = run.steps.flatMap((step) => (step.kind === 'failed' ? [step.says] : []))
  if (beside.length > 0) return { kind: 'end', outcome: 'incomplete', says: beside.join('; ') }
  return { kind: 'end', outcome: 'succeeded', says: 'every step was carried out and verified' }
}

/** What the plan is for does not hang on it. */
export function isBeside(step: PlannedStep | undefined): boolean {
  return step?.beside === true
}

/** From when on the deadline of a step counts: since it was started, and before that since its turn came. */
export function stepSinceMs({ startedAt, steps }: Run, index: number): number {
  const step = steps[index]
  if (step?.kind === 'started') return toMs(step.at)
  const before = steps[index - 1]
  const turned = before?.kind === 'succeeded' || before?.kind === 'failed'
  return toMs(turned ? before.at : startedAt)
}

function leftUndone({ steps }: Run): string {
  const done = steps.filter((step) => step.kind === 'succeeded').length
  return done === 0
    ? 'stopped before the first step; nothing was written'
    : `stopped after step ${done} of ${steps.length}; what was done stays as it is`
}
