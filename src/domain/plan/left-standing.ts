import { undonePlan } from './about-request.ts'
import { leftMeanwhile, type Left } from './left-meanwhile.ts'
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

/** This plan, and before it those that stopped on their way and that it goes on with. */
export function goneOnWith(plans: readonly PlanState[], number: number): readonly PlanState[] {
  const upTo = plans.filter((one) => one.number <= number)
  const last = upTo.at(-1)?.request
  if (!last) return []
  const isOf = ({ request }: PlanState) =>
    request.kind === last.kind && undonePlan(request) === undonePlan(last)
  const before = upTo.slice(0, -1)
  const over = before.findLastIndex((one) => {
    const undone = plans[(undonePlan(one.request) ?? 0) - 1]
    return hasDone(one.run) && (isOf(one) || (undone !== undefined && isOf(undone)))
  })
  return [...before.slice(over + 1).filter(isOf), ...upTo.slice(-1)]
}

/** What stands of all that this plan, and those that it goes on with, have taken only for a while. */
export function leftBy(plans: readonly PlanState[], number: number): readonly Left[] {
  const chain = goneOnWith(plans, number).flatMap(({ plan, run }) => {
    return plan && run ? plan.steps.map((planned, at) => ({ planned, step: run.steps[at] })) : []
  })
  const known = chain.flatMap(({ planned, step }) => (step ? [{ planned, step }] : []))
  const left = leftMeanwhile(
    { steps: known.map(({ step }) => step) },
    known.map(({ planned }) => planned),
  )
  return left.filter(({ what }, at) => left.findLastIndex((one) => one.what === what) === at)
}
