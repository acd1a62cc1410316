import { MAINTAINED, type Left } from '../plan/left-meanwhile.ts'
import { leftBy, leftStanding } from '../plan/left-standing.ts'
import type { Incident } from './incident.ts'
import { maintenanceOn } from './left-open.ts'

/** What a plan that has ended has left for somebody to decide about; `null`: nothing. */
export function leftToDecide(
  incident: Incident,
): { readonly plan: number; readonly left: readonly Left[] } | null {
  const { plans } = incident
  const standing = leftStanding(plans)
  if (!standing) return null
  // Another one may have gone on with it, and stopped as well: its card is the one that asks.
  const newest = plans.findLast(
    ({ request, run }) => request.kind === standing.request.kind && run?.ended,
  )
  const { number: plan } = newest ?? standing
  const isOn = maintenanceOn(incident) !== null
  const left = leftBy(plans, plan).filter(({ what }) => {
    return what !== MAINTAINED || isOn
  })
  return left.length === 0 ? null : { plan, left }
}
