import { undonePlan } from './about-request.ts'
import { leftMeanwhile } from './left-meanwhile.ts'
import type { PlanState } from './plan-state.ts'
import { hasDone } from './run.ts'

/**
 * The newest plan that has ended and left what it had taken only for a while, as services that are stopped; `null`: none
 * has, or it was taken back or gone on with since.
 */
export function leftStanding(plans: readonly PlanState[]): PlanState | null {
  const standing = plans.findLast(({ plan, run }) => {
    return plan && run?.ended && leftMeanwhile(run, plan.steps).length > 0
  })
  if (!standing) return null
  const { number, request } = standing
  const isOver = plans.some((later) => {
    const follows = undonePlan(later.request) === number || later.request.kind === request.kind
    return later.number > number && follows && hasDone(later.run)
  })
  return isOver ? null : standing
}
