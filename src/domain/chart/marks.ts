import { toMs } from '../base/instant.ts'
import type { Incident, Moment } from '../incident/incident.ts'
import { milestones } from '../incident/milestones.ts'
import { rollsBackBy, undonePlan } from '../plan/about-request.ts'
import type { Mark } from './chart.ts'

/** So many fit beside one another; those in the middle are left out first. */
const MOST = 8
const FIRST = 3

/** The moments of an incident that explain its numbers, by the journal alone. */
export function marksOf(incident: Incident): {
  readonly marks: readonly Mark[]
  readonly leftOut: number
} {
  const { detected } = milestones(incident)
  const all: readonly Mark[] = [
    ...(detected === null ? [] : [{ atMs: toMs(detected), kind: 'detected' as const }]),
    ...incident.timeline.flatMap((moment) => {
      const kind = kindOf(incident, moment)
      return kind === null ? [] : [{ atMs: toMs(moment.at), kind }]
    }),
  ]
  const leftOut = Math.max(0, all.length - MOST)
  const marks = leftOut === 0 ? all : [...all.slice(0, FIRST), ...all.slice(FIRST - MOST)]
  return { marks, leftOut }
}

function kindOf(incident: Incident, { event, sequence }: Moment): Mark['kind'] | null {
  switch (event.type) {
    case 'plan-approved':
      return isLastSignature(incident, event.plan, sequence) ? 'signed' : null
    case 'run-ended': {
      if (event.outcome === 'gate-closed') return null
      if (event.outcome !== 'succeeded' && event.outcome !== 'incomplete') return 'failed'
      const request = incident.plans[event.plan - 1]?.request
      if (!request) return 'done'
      if (rollsBackBy(request)) return 'rolled-back'
      return undonePlan(request) === null ? 'done' : 'undone'
    }
    case 'watch-turned':
      return event.to === 'settling' ? null : event.to
    case 'incident-closed':
      return 'closed'
    case 'incident-reopened':
      return 'reopened'
    default:
      return null
  }
}

/** The one after which the plan was begun. */
function isLastSignature({ timeline }: Incident, plan: number, sequence: number): boolean {
  const later = timeline.filter((moment) => moment.sequence > sequence)
  const next = later.find(({ event }) => {
    const isItsNews = event.type === 'plan-approved' || event.type === 'run-started'
    return isItsNews && event.plan === plan
  })
  return next?.event.type === 'run-started'
}
