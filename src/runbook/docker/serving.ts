import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { Container } from '../../ports/containers.ts'
import { stoppedBy } from './stopped-here.ts'

/** What an earlier plan has made and never started serves nobody. */
export function servingAs(service: string, containers: readonly Container[]): readonly Container[] {
  return containers.filter((one) => {
    const isLeft = one.state === 'created' && one.mark !== null
    return one.service === service && one.role === 'serving' && !isLeft
  })
}

/** What is kept of one that a swap has stopped and has not come to its end: that swap goes on with the next plan. */
export function halfWay(
  { host, id }: Container,
  containers: readonly Container[],
): Container | undefined {
  return containers.find((one) => {
    return one.role === 'kept' && one.host === host && one.name.endsWith(`-${id.slice(0, 12)}`)
  })
}

/** What ends again and again, or has ended for good, is what a rollback is for; what people have stopped is not. */
export function whyLeft(
  one: Container,
  containers: readonly Container[],
  plans: readonly PlanState[],
): string | null {
  if (one.state === 'running' || one.state === 'restarting' || halfWay(one, containers)) return null
  return one.state === 'exited'
    ? stoppedBy(plans, one)
    : `${one.name} on ${one.host} is ${one.state}`
}

/** It ended by itself; what stands half way was ended by a swap, unless that one had found it so. */
export function hasEnded(
  one: Container,
  containers: readonly Container[],
  ended: readonly (string | null)[],
): boolean {
  return one.state === 'exited' && (ended.includes(one.id) || !halfWay(one, containers))
}
