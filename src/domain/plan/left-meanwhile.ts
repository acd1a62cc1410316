import type { PlannedStep } from './plan.ts'
import { stepMayHaveWritten, type Run } from './run.ts'

/**
 * What the steps so far have taken and none has given back yet, in the order in which it was taken: "backend is
 * stopped". It stays so where the run ends here.
 */
export function leftMeanwhile(
  { steps }: Pick<Run, 'steps'>,
  planned: readonly PlannedStep[],
): readonly string[] {
  const ended = planned.flatMap(({ endsMeanwhile }, at) =>
    steps[at]?.kind === 'succeeded' ? (endsMeanwhile ?? []) : [],
  )
  const taken = planned.flatMap(({ meanwhile }, at) => {
    const step = steps[at]
    return step && stepMayHaveWritten(step) ? (meanwhile ?? []) : []
  })
  return taken.filter((one) => !ended.includes(one))
}
