import { signedUntilMs } from '../../domain/plan/gate.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { stepMayHaveWritten } from '../../domain/plan/run.ts'
import type { World } from '../../ports/world.ts'
import { boundBy, type Runbook } from './runbook.ts'
import type { StepContext } from './step.ts'
import type { Turn } from './step-record.ts'

/** What a step of a signed plan is carried out with. */
export function stepContext({
  incident,
  state,
  world,
  signal,
}: {
  readonly incident: string
  readonly state: PlanState
  readonly world: World
  readonly signal: AbortSignal
}): StepContext {
  const key = markOf(incident, state)
  const sendBeforeMs = signedUntilMs(state)
  return { world, signal, key, cause: causeOf(incident, state), sendBeforeMs }
}

/**
 * What a plan's writes leave at their targets. A restored journal may use a plan's number again: the
 * digest tells its writes from the older ones. A plan that an older version has begun goes on as it began.
 */
function markOf(incident: string, { number, plan }: PlanState): string {
  const mark = `${incident}/plan-${number}`
  return plan?.schema ? `${mark}/${plan.digest.slice(0, 12)}` : mark
}

/** Whether nothing was written yet but what makes way for the step. */
export function hasOnlyMadeWay(runbook: Runbook, { state, run }: Turn, index: number): boolean {
  const before = state.plan?.steps.slice(0, index) ?? []
  return before.every((planned, at) => {
    const step = run.steps[at]
    return !step || !stepMayHaveWritten(step) || boundBy(runbook, planned)?.makesWay === true
  })
}

function causeOf(id: string, { number, requestedBy, approvals }: PlanState): string {
  const signed = approvals.map(({ by }) => by).join(' and ')
  return `Backout incident ${id} plan ${number}: asked for by ${requestedBy}, signed by ${signed}`
}
