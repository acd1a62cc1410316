import { pageOfKey } from '../outbox/page.ts'
import { isTaken } from './checkpoint.ts'
import { foldAlert } from '../alert/noted-alerts.ts'
import { applyPlanEvent } from '../plan/fold-plan.ts'
import type { Event, JournaledEvent } from './event.ts'
import { foldIntent } from './fold-intent.ts'
import { asOutboxEvent, pageAcknowledged, sentOnward } from './fold-outbox.ts'
import { foldChecklist, foldLife } from './fold-people.ts'
import { letterSending } from './letters.ts'
import { foldReport } from './fold-report.ts'
import { foldVerification } from './fold-verification.ts'
import { foldWatch, toldOfRollback } from './fold-watch.ts'
import { IllegalEvent, type Illegal } from './illegal-event.ts'
import { newIncident, type Incident } from './incident.ts'
import { outdated } from '../verification/verification.ts'

const TIMELINE: ReadonlySet<Event['type']> = new Set([
  'incident-opened',
  'symptom-reported',
  'symptom-retracted',
  'alert-fired',
  'alert-ended',
  'assessment-taken',
  'incident-declared',
  'incident-closed',
  'incident-reopened',
  'incident-edited',
  'fix-deployed',
  'resumed-elsewhere',
  'lead-taken',
  'plan-requested',
  'plan-infeasible',
  'plan-proposed',
  'plan-asked-again',
  'plan-cautioned',
  'plan-approved',
  'approval-expired',
  'plan-denied',
  'plan-voided',
  'plan-withdrawn',
  'signatures-missing',
  'run-held',
  'run-started',
  'people-asked',
  'step-succeeded',
  'step-failed',
  'abort-requested',
  'run-ended',
  'watch-started',
  'watch-turned',
  'watch-ended',
  'verification-taken',
  'verification-ticked',
  'item-ticked',
  'moment-added',
  'report-written',
  'report-missed',
  'report-published',
  'status-decided',
  'status-publishing',
  'status-overdue',
  'letter-sending',
  'page-acknowledged',
  'checkpoint-taken',
  'backout-restarted',
])

/** What came of a call is read there too; that it waits stands on the cards. */
const PAGES: ReadonlySet<Event['type']> = new Set([
  'outbox-delivered',
  'outbox-unknown',
  'outbox-refused',
])

function isForPeople(event: Event): boolean {
  if (TIMELINE.has(event.type)) return true
  return PAGES.has(event.type) && 'kind' in event && event.kind === 'page' && isCall(event.key)
}

function isCall(key: string): boolean {
  return pageOfKey(key)?.deed === 'trigger'
}

export function foldIncident(id: string, events: readonly JournaledEvent[]): Incident {
  return events.reduce(applyEvent, newIncident(id))
}

/** Pure; throws {@link IllegalEvent} on an event that this state cannot have produced (J3). */
export function applyEvent(incident: Incident, journaled: JournaledEvent): Incident {
  const { event, at, sequence } = journaled
  const illegal: Illegal = (why) =>
    new IllegalEvent(`${incident.id} event ${sequence} (${event.type}): ${why}`)
  if (sequence !== incident.sequence + 1) {
    throw illegal(`expected event ${incident.sequence + 1}`)
  }
  const timeline = isForPeople(event)
    ? [...incident.timeline, { at, sequence, event }]
    : incident.timeline
  return fold({ ...incident, sequence, changedAt: at, timeline }, event, at, illegal)
}

type PlanEvent = Parameters<typeof applyPlanEvent>[1]
type SentEvent = Extract<
  Event,
  { type: `outbox-${string}` | `message-${string}` | 'page-acknowledged' }
>

function fold(incident: Incident, event: Event, at: string, illegal: Illegal): Incident {
  switch (event.type) {
    case 'intent-received':
    case 'intent-accepted':
    case 'intent-refused':
      return foldIntent(incident, event, illegal)
    case 'incident-opened':
    case 'incident-declared':
    case 'incident-closed':
    case 'incident-reopened':
    case 'incident-edited':
    case 'fix-deployed':
    case 'resumed-elsewhere':
    case 'lead-taken':
    case 'symptom-reported':
    case 'symptom-retracted':
    case 'assessment-requested':
    case 'assessment-taken':
      return foldLife(incident, event, at, illegal)
    case 'alert-fired':
    case 'alert-ended':
      return foldAlert(incident, event, illegal)
    case 'watch-started':
    case 'watch-looked':
    case 'watch-turned':
    case 'watch-ended':
      return foldWatch(incident, event, at, illegal)
    case 'verification-requested':
    case 'verification-taken':
    case 'verification-ticked':
      return foldVerification(incident, event, at, illegal)
    case 'item-ticked':
    case 'status-draft-edited':
    case 'status-decided':
    case 'status-publishing':
    case 'status-overdue':
      return foldChecklist(incident, event, at, illegal)
    case 'letter-sending':
      return letterSending(incident, event, at, illegal)
    case 'moment-added':
    case 'report-requested':
    case 'report-written':
    case 'report-missed':
    case 'report-published':
      return foldReport(incident, event, at, illegal)
    case 'checkpoint-taken':
      if (!incident.declared || isTaken(incident, event.checkpoint)) throw illegal('not owed')
      return { ...incident, checkpoints: [...incident.checkpoints, event.checkpoint] }
    case 'backout-restarted':
      return incident
    default:
      return foldPlanOrSent(incident, event, at, illegal)
  }
}

/** What is sent outward, and everything that happens to plans. */
function foldPlanOrSent(
  incident: Incident,
  event: PlanEvent | SentEvent,
  at: string,
  illegal: Illegal,
): Incident {
  switch (event.type) {
    case 'outbox-claimed':
    case 'outbox-delivered':
    case 'outbox-unknown':
    case 'outbox-released':
    case 'outbox-refused':
      return sentOnward(incident, event, at)
    case 'message-posting':
    case 'message-posted':
    case 'message-lost':
      return sentOnward(incident, asOutboxEvent(event), at)
    case 'page-acknowledged':
      return pageAcknowledged(incident, event, illegal)
    default: {
      const plans = applyPlanEvent(incident.plans, event, at, illegal)
      const news = event.type === 'plan-requested' || event.type === 'plan-approved'
      const { verification: before } = incident
      const verification = event.type === 'step-started' ? outdated(before, event.plan) : before
      const next = { ...incident, plans, verification, ...(news ? { toldOfSignatures: [] } : {}) }
      return toldOfRollback(next, event, at)
    }
  }
}
