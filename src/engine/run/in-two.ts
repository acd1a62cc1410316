import { PlannedStep } from '../../domain/plan/plan.ts'

/** A step that starts several instances of a service, in two: one of each, and then the others. */
export type InTwo<Input> = {
  readonly one: Input
  readonly rest: Input
  /** What stands between the two: `only one pod of backend runs`. */
  readonly meanwhile: string
}

const Json = PlannedStep.shape.input

/** The same as it is journaled. */
export function plannedInTwo(two: InTwo<unknown> | null): InTwo<PlannedStep['input']> | null {
  return two && { ...two, one: Json.parse(two.one), rest: Json.parse(two.rest) }
}
