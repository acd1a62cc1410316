import { leftMeanwhile, MAINTAINED, type Left } from '../plan/left-meanwhile.ts'
import { leftStanding } from '../plan/left-standing.ts'
import type { Incident } from './incident.ts'
import { maintenanceOn } from './left-open.ts'

/** What a plan that has ended has left for somebody to decide about; `null`: nothing. */
export function leftToDecide(
  incident: Incident,
): { readonly plan: number; readonly left: readonly Left[] } | null {
  const standing = leftStanding(incident.plans)
  if (!standing?.plan || !standing.run) return null
  const isOn = maintenanceOn(incident) !== null
  const left = leftMeanwhile(standing.run, standing.plan.steps).filter(({ what }) => {
    return what !== MAINTAINED || isOn
  })
  return left.length === 0 ? null : { plan: standing.number, left }
}
