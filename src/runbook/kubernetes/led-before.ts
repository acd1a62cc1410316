import { rollsBackBy } from '../../domain/plan/about-request.ts'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import type { RevisionId } from '../../ports/deployment-state.ts'
import { changesIn } from './steps/restore-revisions.ts'
import { restartedBy } from './steps/set-config-map-key.ts'
import { variableSetBy } from './steps/set-variable.ts'

/** Which templates earlier plans of this incident led to, and which they led away from. */
export type Before = {
  readonly to: ReadonlySet<string>
  /** What they have done, service by service. */
  readonly done: readonly { readonly service: string; readonly to: RevisionId }[]
  readonly from: ReadonlySet<string>
  /** Which templates they switched a flag of. */
  readonly switched: readonly { readonly service: string; readonly templateHash: string }[]
  /** What each of them would lead to, the newest last. */
  readonly wanted: readonly (RevisionId & { readonly service: string })[]
}

/** A plan that finishes a half-done one goes no further back, and none goes to what the incident is about. */
export function ledBefore(plans: readonly PlanState[]): Before {
  const rollbacks = plans.filter(({ request }) => rollsBackBy(request))
  const ended = rollbacks.filter(({ run }) => run?.ended)
  const done = ended.flatMap(writtenSteps).flatMap(changesIn)
  const switched = ended
    .flatMap(writtenSteps)
    .flatMap((step) => [variableSetBy(step) ?? [], restartedBy(step)].flat())
  return {
    to: new Set(done.map(({ to }) => to.templateHash)),
    done,
    from: new Set([
      ...plannedChanges(rollbacks).map(({ from }) => from.templateHash),
      ...switched.map(({ templateHash }) => templateHash),
    ]),
    switched,
    wanted: plannedChanges(rollbacks).map(({ service, to }) => ({ ...to, service })),
  }
}

function plannedChanges(states: readonly PlanState[]) {
  return states.flatMap(stepsOf).flatMap(changesIn)
}

function stepsOf({ plan }: PlanState): readonly PlannedStep[] {
  return plan?.steps ?? []
}
