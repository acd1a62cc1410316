import type { PlannedStep } from '../../domain/plan/plan.ts'
import type { Step } from '../../engine/run/step.ts'

/** A step with its input, as it stands in a plan. Throws when the input is not one of the step. */
export function planned(step: Step, input: PlannedStep['input']): PlannedStep {
  return { id: step.id, title: step.bind(input).title, input }
}
