import type { PlannedStep } from './plan.ts'
import { stepMayHaveWritten, type Run } from './run.ts'

/** People see the maintenance page for as long as a plan is carried out. */
export const MAINTAINED = 'maintenance is on'

export type Left = {
  /** `backend is stopped`. */
  readonly what: string
  /** `false`: the step that takes it, or one that gives it back, has failed, so that nobody has seen how it stands. */
  readonly seen: boolean
}

/**
 * What the steps so far have taken and none after it has given back yet, in the order in which it was taken. It stays so
 * where the run ends here.
 */
export function leftMeanwhile(
  { steps }: Pick<Run, 'steps'>,
  planned: readonly PlannedStep[],
): readonly Left[] {
  const ends = (kind: 'succeeded' | 'failed', what: string, after: number) =>
    planned.some(({ endsMeanwhile }, at) => {
      return at > after && endsMeanwhile === what && steps[at]?.kind === kind
    })
  return planned.flatMap(({ meanwhile: what }, at) => {
    const step = steps[at]
    if (what === undefined || !step || !stepMayHaveWritten(step)) return []
    if (ends('succeeded', what, at)) return []
    return [{ what, seen: step.kind !== 'failed' && !ends('failed', what, at) }]
  })
}

export function leftInWords({ what, seen }: Left): string {
  return seen ? what : `not known whether ${what}`
}
