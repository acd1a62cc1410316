import type { PlanState } from '../plan/plan-state.ts'
import type { Event } from './event.ts'
import type { Illegal } from './illegal-event.ts'
import type { Incident } from './incident.ts'

type IntentEvent = Extract<Event, { type: `intent-${string}` }>

/** What people want, until it is decided. */
export function foldIntent(incident: Incident, event: IntentEvent, illegal: Illegal): Incident {
  if (event.type === 'intent-received') {
    return { ...incident, undecided: [...incident.undecided, event.received] }
  }
  const undecided = incident.undecided.filter(({ delivery }) => delivery !== event.delivery)
  if (undecided.length === incident.undecided.length)
    throw illegal(`nobody asked ${event.delivery}`)
  const readFirst = event.type === 'intent-refused' && event.reason === 'read-first'
  const plans = readFirst ? doubted(incident, event.delivery) : incident.plans
  return { ...incident, undecided, plans }
}

/** Who was asked to read the plan once more is not asked again. */
function doubted(incident: Incident, delivery: string): readonly PlanState[] {
  const press = incident.undecided.find((received) => received.delivery === delivery)
  const intent = press?.intent
  if (intent?.kind !== 'approve') return incident.plans
  return incident.plans.map((state) =>
    state.number === intent.plan
      ? { ...state, doubted: [...state.doubted, press?.by ?? ''] }
      : state,
  )
}
