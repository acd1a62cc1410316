import type { Actor } from '../base/actor.ts'
import type { RefusalReason } from '../base/refusal.ts'
import type { PlanState } from '../plan/plan-state.ts'
import type { Event } from './event.ts'
import type { Illegal } from './illegal-event.ts'
import type { Incident } from './incident.ts'
import type { ReceivedIntent } from './intent.ts'

type IntentEvent = Extract<Event, { type: `intent-${string}` }>

/** What people want, until it is decided. */
export function foldIntent(incident: Incident, event: IntentEvent, illegal: Illegal): Incident {
  if (event.type === 'intent-received') {
    return { ...incident, undecided: [...incident.undecided, event.received] }
  }
  const decided = incident.undecided.find(({ delivery }) => delivery === event.delivery)
  if (!decided) throw illegal(`nobody asked ${event.delivery}`)
  const undecided = incident.undecided.filter((one) => one !== decided)
  const next = { ...incident, undecided }
  return event.type === 'intent-refused' ? toldWhy(next, decided, event.reason) : next
}

/** What a refusal has told its person counts when they ask again. */
function toldWhy(incident: Incident, { by, intent }: ReceivedIntent, why: RefusalReason): Incident {
  if (why === 'takes-signed-place') {
    return { ...incident, toldOfSignatures: [...incident.toldOfSignatures, by] }
  }
  if (why !== 'read-first' || intent.kind !== 'approve') return incident
  return { ...incident, plans: doubted(incident.plans, intent.plan, by) }
}

/** Who was asked to read the plan once more is not asked again. */
function doubted(plans: readonly PlanState[], plan: number, by: Actor): readonly PlanState[] {
  return plans.map((state) =>
    state.number === plan ? { ...state, doubted: [...state.doubted, by] } : state,
  )
}
