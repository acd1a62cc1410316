import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import type { Container } from '../../ports/containers.ts'
import { runContainers, stopsIn } from './steps/run-containers.ts'

type Named = Pick<Container, 'host' | 'name' | 'id'>

/**
 * Why one that does not run is left alone: a plan of this incident stopped it, and its undo starts it. `null`:
 * none did. What has ended by itself is told from it by nothing that a host knows.
 */
export function stoppedBy(plans: readonly PlanState[], { id, name, host }: Named): string | null {
  let stopped: number | null = null
  for (const plan of plans) {
    for (const step of writtenSteps(plan).filter((one) => one.id === runContainers.id)) {
      const { run, ids } = stopsIn(step)
      if (ids.includes(id)) stopped = run ? null : plan.number
    }
  }
  return stopped === null
    ? null
    : `${name} on ${host} was stopped by plan ${stopped}: undo that plan to start it`
}
