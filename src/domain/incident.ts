import type { Assessment } from './assessment.ts'
import type { Event, JournaledEvent, Surface } from './event.ts'
import type { Place, ReceivedIntent } from './intent.ts'
import type { Severity } from './rule.ts'
import type { Symptom } from './symptom.ts'

/** Where a message of the incident stands. `posting`: sent or about to be, and not yet known to exist. */
type Message =
  | { readonly kind: 'posting'; readonly place: Place; readonly since: string }
  | { readonly kind: 'posted'; readonly channel: string; readonly ts: string }

type Declaration = {
  readonly by: string
  readonly at: string
  readonly channel: string
  readonly title: string
  readonly severity: Severity | null
  readonly description: string
  readonly services: readonly string[]
  readonly procedure: string | null
  readonly toVersion: string | null
}

/** One thing that happened, for the card's timeline. */
export type Moment = { readonly at: string; readonly event: Event }

/** One production problem, folded from its events. Undeclared until a person declares it. */
export type Incident = {
  readonly id: string
  /** The last event seen; an append names it (J2). */
  readonly sequence: number
  /** When the last event was written; empty before the first. */
  readonly changedAt: string
  readonly opened: { readonly by: string; readonly at: string; readonly place: Place } | null
  readonly symptoms: readonly Symptom[]
  readonly assessment: Assessment | null
  /** When the assessment that has not come yet was asked for. */
  readonly assessmentDueSince: string | null
  /** Who asked for the latest assessment, or the one that is due. */
  readonly assessmentAskedBy: string | null
  readonly declared: Declaration | null
  readonly closed: { readonly by: string; readonly at: string } | null
  readonly messages: { readonly [S in Surface]?: Message }
  /** Received, and neither accepted nor refused yet. */
  readonly undecided: readonly ReceivedIntent[]
  readonly timeline: readonly Moment[]
}

/** An event that cannot follow the state it meets: the journal is not what this program wrote (J3). */
export class IllegalEvent extends Error {
  override readonly name = 'IllegalEvent'
}

const TIMELINE: ReadonlySet<Event['type']> = new Set([
  'incident-opened',
  'symptom-reported',
  'assessment-taken',
  'incident-declared',
  'incident-closed',
  'backout-restarted',
])

export function newIncident(id: string): Incident {
  return {
    id,
    sequence: 0,
    changedAt: '',
    opened: null,
    symptoms: [],
    assessment: null,
    assessmentDueSince: null,
    assessmentAskedBy: null,
    declared: null,
    closed: null,
    messages: {},
    undecided: [],
    timeline: [],
  }
}

export function foldIncident(id: string, events: readonly JournaledEvent[]): Incident {
  return events.reduce(applyEvent, newIncident(id))
}

/** Pure; throws {@link IllegalEvent} on an event that this state cannot have produced (J3). */
export function applyEvent(incident: Incident, journaled: JournaledEvent): Incident {
  const { event, at } = journaled
  function illegal(why: string): IllegalEvent {
    return new IllegalEvent(`${incident.id} event ${journaled.sequence} (${event.type}): ${why}`)
  }
  if (journaled.sequence !== incident.sequence + 1) {
    throw illegal(`expected event ${incident.sequence + 1}`)
  }
  const timeline = TIMELINE.has(event.type)
    ? [...incident.timeline, { at, event }]
    : incident.timeline
  const next: Incident = { ...incident, sequence: journaled.sequence, changedAt: at, timeline }
  const undecidedWithout = (delivery: string) => {
    const rest = incident.undecided.filter((received) => received.delivery !== delivery)
    if (rest.length === incident.undecided.length) throw illegal(`nobody asked ${delivery}`)
    return rest
  }

  switch (event.type) {
    case 'intent-received':
      return { ...next, undecided: [...incident.undecided, event.received] }
    case 'intent-accepted':
    case 'intent-refused':
      return { ...next, undecided: undecidedWithout(event.delivery) }
    case 'incident-opened':
      if (incident.opened) throw illegal('opened twice')
      return { ...next, opened: { by: event.by, at, place: event.place } }
    case 'symptom-reported':
      if (incident.symptoms.includes(event.symptom)) throw illegal('reported twice')
      return { ...next, symptoms: [...incident.symptoms, event.symptom] }
    case 'assessment-requested':
      return {
        ...next,
        assessmentDueSince: incident.assessmentDueSince ?? at,
        assessmentAskedBy: event.by,
      }
    case 'assessment-taken':
      if (incident.assessmentDueSince === null) throw illegal('nobody asked for it')
      return { ...next, assessment: event.assessment, assessmentDueSince: null }
    case 'incident-declared': {
      if (incident.declared) throw illegal('declared twice')
      const { type: _, ...declaration } = event
      return { ...next, declared: { ...declaration, at } }
    }
    case 'incident-closed':
      if (!incident.declared || incident.closed) throw illegal('not open')
      return { ...next, closed: { by: event.by, at }, assessmentDueSince: null }
    case 'message-posting':
      return withMessage(next, event.surface, { kind: 'posting', place: event.place, since: at })
    case 'message-posted':
      return withMessage(next, event.surface, {
        kind: 'posted',
        channel: event.channel,
        ts: event.ts,
      })
    case 'message-lost': {
      const { [event.surface]: _, ...messages } = incident.messages
      return { ...next, messages }
    }
    case 'backout-restarted':
      return next
    default:
      return event satisfies never
  }
}

function withMessage(incident: Incident, surface: Surface, message: Message): Incident {
  return { ...incident, messages: { ...incident.messages, [surface]: message } }
}

/** Declared, and not closed. */
export function isOpen(incident: Incident): boolean {
  return incident.closed === null && incident.declared !== null
}
