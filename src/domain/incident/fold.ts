import { applyPlanEvent } from '../plan/fold-plan.ts'
import type { Event, JournaledEvent } from './event.ts'
import { newIncident, planOf, type Incident } from './incident.ts'
import type { PlanState } from '../plan/plan-state.ts'
import { outboxAfter, type OutboxEvent } from '../outbox/outbox.ts'
import { rollsBackBy, watchedHow } from '../plan/requests.ts'
import type { StatusStage } from './status-page.ts'
import { newWatch, watched } from '../watch/watch.ts'

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
  'plan-requested',
  'plan-infeasible',
  'plan-proposed',
  'plan-approved',
  'approval-expired',
  'plan-denied',
  'plan-voided',
  'plan-withdrawn',
  'signatures-missing',
  'run-held',
  'run-started',
  'step-succeeded',
  'step-failed',
  'abort-requested',
  'run-ended',
  'watch-started',
  'watch-turned',
  'watch-ended',
  'item-ticked',
  'status-decided',
  'backout-restarted',
])

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
    ? [...incident.timeline, { at, sequence: journaled.sequence, event }]
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
      return { ...next, undecided: undecidedWithout(event.delivery) }
    case 'intent-refused':
      return {
        ...next,
        undecided: undecidedWithout(event.delivery),
        plans: event.reason === 'read-first' ? doubted(incident, event.delivery) : next.plans,
      }
    case 'incident-opened':
      if (incident.opened) throw illegal('opened twice')
      return {
        ...next,
        opened: {
          by: event.by,
          at,
          place: event.place,
          environment: event.environment ?? null,
        },
      }
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
      return {
        ...next,
        declared: { ...declaration, at },
        statusPage: prompted(incident, 'investigating', at),
      }
    }
    case 'incident-closed':
      if (!incident.declared || incident.closed) throw illegal('not open')
      return { ...next, closed: { by: event.by, at }, assessmentDueSince: null }
    case 'plan-requested':
    case 'plan-infeasible':
    case 'plan-proposed':
    case 'plan-prepared':
    case 'preparation-progressed':
    case 'plan-approved':
    case 'approval-expired':
    case 'plan-denied':
    case 'plan-voided':
    case 'plan-withdrawn':
    case 'signatures-missing':
    case 'run-held':
    case 'run-started':
    case 'run-ended':
    case 'step-waiting':
    case 'step-progressed':
    case 'step-succeeded':
    case 'step-failed':
    case 'abort-requested':
      return { ...next, plans: applyPlanEvent(incident.plans, event, at, illegal) }
    case 'step-started':
      return {
        ...next,
        plans: applyPlanEvent(incident.plans, event, at, illegal),
        statusPage: isRollback(incident, event.plan)
          ? prompted(incident, 'rolling-back', at)
          : incident.statusPage,
      }
    case 'watch-started':
      if (incident.watch && !incident.watch.ended) throw illegal('a watch is under way')
      if (event.watch !== (incident.watch?.number ?? 0) + 1) throw illegal('it is not the next one')
      return {
        ...next,
        watch: newWatch(event.watch, event.plan, at, plannedVersions(incident, event.plan)),
        statusPage: isRollback(incident, event.plan)
          ? prompted(incident, 'monitoring', at)
          : incident.statusPage,
      }
    case 'watch-looked':
    case 'watch-turned':
    case 'watch-ended': {
      const { watch } = incident
      if (!watch || watch.number !== event.watch || watch.ended)
        throw illegal('nobody watches that')
      if (event.type === 'watch-turned') {
        const over = event.to === 'stable' && isAfterRollback(incident, watch.plan)
        return over ? { ...next, statusPage: prompted(incident, 'resolved', at) } : next
      }
      return event.type === 'watch-looked'
        ? { ...next, watch: watched(watch, event.look, at) }
        : { ...next, watch: { ...watch, ended: { because: event.because, at } } }
    }
    case 'item-ticked':
      if (incident.ticked[event.item]) throw illegal('ticked twice')
      return { ...next, ticked: { ...incident.ticked, [event.item]: { by: event.by, at } } }
    case 'status-draft-edited':
    case 'status-decided': {
      const prompt = incident.statusPage[event.stage]
      if (!prompt || prompt.decided) throw illegal('nobody was asked')
      const answered =
        event.type === 'status-decided'
          ? { ...prompt, decided: { decision: event.decision, by: event.by, at } }
          : { ...prompt, text: event.text }
      return { ...next, statusPage: { ...incident.statusPage, [event.stage]: answered } }
    }
    case 'outbox-claimed':
    case 'outbox-delivered':
    case 'outbox-unknown':
    case 'outbox-released':
      return sentOnward(next, event, at)
    case 'message-posting':
    case 'message-posted':
    case 'message-lost':
      return sentOnward(next, asOutboxEvent(event), at)
    case 'backout-restarted':
      return next
    default:
      return event satisfies never
  }
}

/** How messages were journaled before there was an outbox. */
function asOutboxEvent(event: Extract<Event, { type: `message-${string}` }>): OutboxEvent {
  const { surface: key } = event
  const about = { kind: 'message', key } as const
  switch (event.type) {
    case 'message-posting':
      return { type: 'outbox-claimed', ...about, to: event.place }
    case 'message-posted': {
      const { channel, ts } = event
      return { type: 'outbox-delivered', ...about, receipt: { channel, ts } }
    }
    case 'message-lost':
      return { type: 'outbox-released', ...about, because: event.because }
    default:
      return event satisfies never
  }
}

/** From when its card stands in Slack, a person can have read the plan. */
function sentOnward(incident: Incident, event: OutboxEvent, at: string): Incident {
  const next = { ...incident, outbox: outboxAfter(incident.outbox, event, at) }
  if (event.type !== 'outbox-delivered' || event.kind !== 'message') return next
  const plans = next.plans.map((state) =>
    event.key === `plan-${state.number}` && state.shownAt === null
      ? { ...state, shownAt: at }
      : state,
  )
  return { ...next, plans }
}

function plannedVersions({ plans }: Incident, plan: number | null) {
  return plan === null ? {} : (plans[plan - 1]?.plan?.versions ?? {})
}

/** Also what lets something write again, once the world was told of a rollback: it is what ends it. */
function isAfterRollback(incident: Incident, plan: number | null): boolean {
  const state = plan === null ? null : planOf(incident, plan)
  if (!state) return false
  const ends = watchedHow(state.request, incident.plans) === 'however-it-ends'
  return rollsBackBy(state.request) || (ends && incident.statusPage.monitoring !== undefined)
}

/** Only a rollback is told to the world; a restart is not. */
function isRollback(incident: Incident, plan: number | null): boolean {
  const state = plan === null ? null : planOf(incident, plan)
  return state !== null && rollsBackBy(state.request)
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

function prompted(
  { statusPage }: Incident,
  stage: StatusStage,
  at: string,
): Incident['statusPage'] {
  if (statusPage[stage]) return statusPage
  return { ...statusPage, [stage]: { dueSince: at, text: null, decided: null } }
}
