import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { Log } from '../../ports/log.ts'
import { boundBy, type Runbook } from './runbook.ts'

/** Whether this version knows every step of a plan. */
export type KnowsPlan = (
  incident: string,
  plan: Pick<PlanState, 'number' | 'plan'>,
) => Promise<boolean>

/** A plan with a step that this version does not know was made by another one, and is left to it (J3). It is said once. */
export function planKnower({
  runbook,
  log,
}: {
  readonly runbook: () => Promise<Runbook>
  readonly log: Log
}): KnowsPlan {
  const told = new Set<string>()

  return async (incident, { number: plan, plan: made }) => {
    const over = await runbook()
    const step = made?.steps.find((one) => boundBy(over, one) === null)
    if (!step) return true
    const key = `${incident}/${plan}`
    if (!told.has(key)) {
      log.error('a plan is left to another version of Backout, which made it', {
        incident,
        plan,
        step: step.id,
      })
    }
    told.add(key)
    return false
  }
}
