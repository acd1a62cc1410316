import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { Container } from '../../ports/containers.ts'
import { stoppedBy, stoppedForAWhile } from './stopped-here.ts'
import { isNextName, placeNameOf } from './swap-names.ts'

/** What an earlier plan has made and never started serves nobody; but where it has its place, it waits for its start. */
export function servingAs(service: string, containers: readonly Container[]): readonly Container[] {
  return containers.filter((one) => {
    const isLeft = (isMadeAndWaits(one) && isNextName(one.name)) || isReplaced(one, containers)
    return one.service === service && one.role === 'serving' && !isLeft
  })
}

const AT_REST: readonly Container['state'][] = ['created', 'exited', 'dead']

/** Nobody is served by it: it was kept for a way back, or a swap has left it behind because it could not be removed. */
export function isLeftOver(one: Container, containers: readonly Container[]): boolean {
  if (one.role === 'kept') return one.state === 'created'
  return isReplaced(one, containers) && AT_REST.includes(one.state)
}

/** A swap that came to no end has put it aside, and another one of ours has its place. */
function isReplaced(one: Container, containers: readonly Container[]): boolean {
  const place = placeNameOf(one)
  if (one.name === place) return false
  return containers.some(({ host, name, mark }) => {
    return host === one.host && name === place && mark !== null
  })
}

/** This bot has made it, and it never ran. */
export function isMadeAndWaits({ state, mark }: Container): boolean {
  return state === 'created' && mark !== null
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

/** What was kept when this one was made in the place of another. */
export function keptBeside(
  { host, name, mark }: Container,
  containers: readonly Container[],
): Container | undefined {
  return containers.find((one) => {
    const isOf = one.role === 'kept' && one.host === host && one.name.startsWith(`${name}-kept-`)
    return isOf && mark !== null && one.mark === mark
  })
}

/**
 * What ends again and again, or has ended for good, is what a rollback is for; what people have stopped is not.
 * `stopped`: services that this plan stops, so that what was left stopped for a while goes on.
 */
export function whyLeft(
  one: Container,
  containers: readonly Container[],
  plans: readonly PlanState[],
  stopped: readonly string[] = [],
): string | null {
  if (one.state === 'running' || one.state === 'restarting' || halfWay(one, containers)) return null
  const waits = isMadeAndWaits(one)
  if (stopped.includes(one.service) && (waits || stoppedForAWhile(plans, one))) return null
  if (one.state === 'exited') return stoppedBy(plans, one)
  return waits
    ? `${one.name} on ${one.host} was made while its service was stopped, and was never started: “plan full” again goes on`
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
