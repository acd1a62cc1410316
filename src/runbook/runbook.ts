import type { RequestKind, RequestOf } from '../domain/plan/plan-request.ts'
import { troubleBegan } from '../domain/assessment/trouble-began.ts'
import type { Incident } from '../domain/incident/incident.ts'
import type { PlannedStep } from '../domain/plan/plan.ts'
import type { PlanState } from '../domain/plan/plan-state.ts'
import type { Runbook } from '../engine/run/runbook.ts'
import type { Step } from '../engine/run/step.ts'
import type { World } from '../ports/world.ts'
import { feasibilityOf } from './feasibility.ts'
import { rehearsed } from './parts/rehearse.ts'
import type { RunbookSettings } from './parts/settings.ts'
import { actionFor, infeasible, type Circumstances, type Registry } from './procedure.ts'
import { REGISTRY } from './registry.ts'

/** The team's runbook over this world. */
export function runbookOver(
  world: World,
  settings: RunbookSettings,
  registry: Registry = REGISTRY,
): Runbook {
  const stepOf = (id: string): Step => stepIn(registry, id)

  async function resolve<Kind extends RequestKind>(
    request: RequestOf<Kind>,
    { plans, opened, declared, assessment }: Incident,
    signal: AbortSignal,
    known?: Pick<PlanState, 'began'>,
  ) {
    const began = known ? known.began : troubleBegan(assessment)
    const beganAt = opened?.at ?? declared?.at ?? null
    const when = { beganAt, began }
    const circumstances: Circumstances = { world, settings, plans, ...when, signal, stepOf }
    const action = actionFor<Kind>(request.kind, registry)
    return action ? action(request, circumstances) : infeasible('not configured')
  }

  return {
    resolve,
    bind: ({ id, input }: PlannedStep) => stepOf(id).bind(input),
    rehearse: (steps, signal) => rehearsed(steps, world, signal, stepOf),
  }
}

/** Which ways back an assessment may offer, over the world that it asks. */
export function feasibilityReader(settings: RunbookSettings, registry: Registry = REGISTRY) {
  const stepOf = (id: string): Step => stepIn(registry, id)
  return (
    world: World,
    plans: readonly PlanState[],
    signal: AbortSignal,
    began?: Circumstances['began'],
  ) => feasibilityOf(registry, { world, settings, plans, beganAt: null, began, signal, stepOf })
}

/** Throws when there is none: the journal is not what this program wrote (J3). */
export function stepIn({ steps }: Pick<Registry, 'steps'>, id: string): Step {
  const step = steps.find((one) => one.id === id)
  if (!step) throw new Error(`there is no step ${id}`)
  return step
}
