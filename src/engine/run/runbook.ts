import type { PlanRequest } from '../../domain/plan/plan-request.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { PlannedStep, Resolved } from '../../domain/plan/plan.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { BoundStep } from './step.ts'

/** Something done while people decide: it changes nothing in production. */
export type Preparation = { readonly ok: boolean; readonly says: string }

/** What the engine carries out, without knowing which procedures and steps there are. */
export type Runbook = {
  /**
   * The request against the world as it is now. `began`: when the trouble began, as it was known when it was asked
   * for; left out: as it is known now. Throws a `Fault` when the world cannot be asked.
   */
  resolve(
    request: PlanRequest,
    incident: Incident,
    signal: AbortSignal,
    known?: Pick<PlanState, 'began'>,
  ): Promise<Resolved>
  /** Throws when there is no such step, or the input is not one of it (J3). */
  bind(step: PlannedStep): BoundStep
  /** Asks the targets whether they would accept the writes. Throws a `Fault`. */
  rehearse(steps: readonly PlannedStep[], signal: AbortSignal): Promise<Preparation>
}

/** `null`: another version of this program planned it (J3). */
export function boundBy(runbook: Pick<Runbook, 'bind'>, planned: PlannedStep): BoundStep | null {
  try {
    return runbook.bind(planned)
  } catch {
    return null
  }
}
