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

/** Of which plan, by its number. `alone`: nothing but steps that make way is taken back. */
export type Undo = { readonly plan: number; readonly alone: boolean }

export type UndoAdvice = {
  /** Why it may not be planned, beyond what it finds at its own target; `null`: nothing is known that stands in the way. */
  readonly problem: string | null
  /** What people should know before they sign the undo, of the undo alone: nothing is copied from the plan that is undone. */
  readonly cautions: readonly string[]
}

export const NO_ADVICE: UndoAdvice = { problem: null, cautions: [] }
