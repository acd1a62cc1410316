import type { Circumstances } from '../procedure.ts'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import type { Step } from '../../engine/run/step.ts'
import { NOTHING, partOf, type Part } from './part.ts'

/** Services that are stopped within a plan, and started again as they were. */
export type Pause = {
  readonly stop: Part
  readonly start: Part
  /** The same start in two: one of each, to be proved before the others. `rest` is nothing where that cannot be. */
  readonly inTwo: { readonly one: Part; readonly rest: Part }
}

export const NO_PAUSE: Pause = {
  stop: NOTHING,
  start: NOTHING,
  inTwo: { one: NOTHING, rest: NOTHING },
}

/** One step that starts what is stopped, whole, and in two where it can be done so. */
export function startIn(
  step: Step,
  input: PlannedStep['input'],
  {
    changes,
    ...around
  }: Pick<PlannedStep, 'givesBackAfter' | 'endsMeanwhile'> & {
    readonly changes: Part['changes']
  },
): Pick<Pause, 'start' | 'inTwo'> {
  const start = partOf(step, input, { ...around, changes })
  const { inTwo } = step.bind(input)
  if (!inTwo) return { start, inTwo: { one: start, rest: NOTHING } }
  const { one, rest, meanwhile } = inTwo
  const after = { ...around, endsMeanwhile: meanwhile, changes: [] }
  return {
    start,
    inTwo: {
      one: partOf(step, one, { ...around, meanwhile, changes }),
      rest: partOf(step, rest, after),
    },
  }
}

/** How it is to be said that they are, for whoever stops the plan then. */
export function stoppedInWords(services: readonly string[]): string {
  return `${services.join(', ')} ${services.length === 1 ? 'is' : 'are'} stopped`
}

/**
 * How services are stopped and started by whatever runs them; those of others are left out, as is what does not
 * run now. `givesBackAfter`: the step that they are stopped for; `replaces`: what they run is replaced meanwhile, so that
 * also what takes the place of one that has ended by itself is started.
 */
export type Pausing = (
  services: readonly string[],
  circumstances: Circumstances,
  options: { readonly givesBackAfter: string; readonly replaces?: true },
) => Promise<{ readonly problem: string } | Pause>
