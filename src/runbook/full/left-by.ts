import { leftMeanwhile } from '../../domain/plan/left-meanwhile.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'

/** The newest plan that was stopped while it had taken something for a while; `null`: none was. */
export function leftBy(plans: readonly PlanState[]): PlanState | null {
  const left = plans.findLast(
    ({ plan, run }) => plan && run && leftMeanwhile(run, plan.steps).length > 0,
  )
  return left ?? null
}
