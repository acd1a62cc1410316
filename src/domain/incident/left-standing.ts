import { undonePlan } from '../plan/about-request.ts'
import { leftMeanwhile, MAINTAINED, type Left } from '../plan/left-meanwhile.ts'
import { hasDone } from '../plan/run.ts'
import type { Incident } from './incident.ts'
import { maintenanceOn } from './left-open.ts'

/** A plan that has ended and left what it had taken only for a while: somebody has to decide how to go on. */
export type LeftStanding = { readonly plan: number; readonly left: readonly Left[] }

/** `null`: nothing is left, or a later plan has taken it back or gone on with it. */
export function leftStanding(incident: Incident): LeftStanding | null {
  const { plans } = incident
  const standing = plans.findLast(({ plan, run }) => {
    return plan && run?.ended && leftMeanwhile(run, plan.steps).length > 0
  })
  if (!standing?.plan || !standing.run) return null
  const { number, request } = standing
  const isOver = plans.some((later) => {
    const follows = undonePlan(later.request) === number || later.request.kind === request.kind
    return later.number > number && follows && hasDone(later.run)
  })
  const isOn = maintenanceOn(incident) !== null
  const left = leftMeanwhile(standing.run, standing.plan.steps).filter(({ what }) => {
    return what !== MAINTAINED || isOn
  })
  return isOver || left.length === 0 ? null : { plan: number, left }
}
