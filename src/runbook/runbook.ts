import type { Incident } from '../domain/incident/incident.ts'
import type { PlannedStep, PlanRequest, Resolved } from '../domain/plan/plan.ts'
import type { Preparation, Runbook } from '../engine/run/runbook.ts'
import type { World } from '../ports/world.ts'
import { PROCEDURES } from './registry.ts'
import type { Circumstances, Procedure } from './parts/procedure.ts'
import { rehearsed } from './parts/rehearse.ts'
import type { RunbookSettings } from './parts/settings.ts'
import { stepOf } from './steps.ts'

/** The team's runbook over this world. */
export function runbookOver(world: World, settings: RunbookSettings): Runbook {
  return {
    resolve(request: PlanRequest, incident: Incident, signal: AbortSignal): Promise<Resolved> {
      return answer(request, { world, settings, incident, signal })
    },
    bind: ({ id, input }: PlannedStep) => stepOf(id).bind(input),
    rehearse: (steps: readonly PlannedStep[], signal: AbortSignal): Promise<Preparation> =>
      rehearsed(steps, world, signal),
  }
}

function answer<Kind extends PlanRequest['kind']>(
  request: Extract<PlanRequest, { kind: Kind }>,
  circumstances: Circumstances,
): Promise<Resolved> {
  const procedure: Procedure<Kind> = PROCEDURES[request.kind]
  return procedure(request, circumstances)
}
