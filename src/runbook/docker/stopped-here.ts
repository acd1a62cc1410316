import type { PlannedStep } from '../../domain/plan/plan.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import type { Container } from '../../ports/containers.ts'
import { runContainers, stopsIn } from './steps/run-containers.ts'

type Named = Pick<Container, 'host' | 'name' | 'id'>

/**
 * Why one that does not run is left alone: a plan of this incident stopped it, and its undo starts it. `null`:
 * none did. What has ended by itself is told from it by nothing that a host knows.
 */
export function stoppedBy(plans: readonly PlanState[], one: Named): string | null {
  const stop = lastStop(plans, one)
  return stop === null
    ? null
    : `${one.name} on ${one.host} was stopped by plan ${stop.plan}: undo that plan to start it`
}

/** The plan that stopped it was to start it again, and never came so far. */
export function stoppedForAWhile(plans: readonly PlanState[], one: Named): boolean {
  return lastStop(plans, one)?.step.meanwhile !== undefined
}

/** Where a plan of this incident has stopped it, and none has started it since. */
function lastStop(
  plans: readonly PlanState[],
  { id }: Named,
): { readonly plan: number; readonly step: PlannedStep } | null {
  let stopped: { readonly plan: number; readonly step: PlannedStep } | null = null
  for (const plan of plans) {
    for (const step of writtenSteps(plan).filter((one) => one.id === runContainers.id)) {
      const { run, ids } = stopsIn(step)
      if (ids.includes(id)) stopped = run ? null : { plan: plan.number, step }
    }
  }
  return stopped
}

/** Whether a plan of this incident has stopped what had this place. */
export function placeStoppedBefore(
  plans: readonly PlanState[],
  { host, name }: Pick<Named, 'host' | 'name'>,
): boolean {
  const steps = plans.flatMap(writtenSteps).filter((one) => one.id === runContainers.id)
  return steps.some((step) => {
    const { run, places } = stopsIn(step)
    return !run && places.includes(`${host}/${name}`)
  })
}
