import type { PlanState } from '../plan/plan-state.ts'
import { hasDone } from '../plan/run.ts'
import type { VerificationItem } from './item.ts'

/**
 * What people have to do because of plans that were carried out: the newest word on each thing counts, as a plan
 * after it makes it due anew.
 */
export function tasksOf(plans: readonly PlanState[]): readonly VerificationItem[] {
  const all = plans.flatMap(({ number, plan, run }) =>
    hasDone(run)
      ? (plan?.tasks ?? []).map((title, at) => ({ number, title, id: `plan-${number}-${at + 1}` }))
      : [],
  )
  const newest = all.filter(
    ({ title }, at) => all.findLastIndex((one) => one.title === title) === at,
  )
  return newest.map(({ id, title, number }) => ({ id, title, by: 'person', afterPlan: number }))
}
