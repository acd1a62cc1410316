import type { PlannedStep, Versions } from '../../domain/plan/plan.ts'

/**
 * What an undo of the plan makes of this step.
 *
 * - `invert`: the same step the other way.
 * - `repeat`: the same step again, after everything is back: what it did holds for either state.
 * - `prove`: a proof of the state before. `versions`: what each service may tell then, where that is known.
 * - `leave`: nothing; it left no state behind.
 */
export type OnUndo<Input> =
  | { readonly kind: 'invert'; readonly input: (input: Input) => PlannedStep['input'] }
  | {
      readonly kind: 'prove'
      readonly input: (input: Input, versions: Versions) => PlannedStep['input']
    }
  | { readonly kind: 'repeat' | 'leave' }

/** `alone`: nothing but steps that make way is taken back. */
export type Undo = { readonly alone: boolean }

/** Whether the way back of a step may be planned, beyond what it finds at its own target. */
export type UndoAdvice = { readonly problem: string | null; readonly caution: string | null }
