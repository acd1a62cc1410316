import { applyPlanEvent } from '../plan/fold-plan.ts'
import type { Event, JournaledEvent, Surface } from './event.ts'
import { newIncident, type Incident, type Message } from './incident.ts'
import type { PlanState } from '../plan/plan-state.ts'
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
    case 'message-posting':
      return withMessage(next, event.surface, { kind: 'posting', place: event.place, since: at })
    case 'message-posted': {
      const { channel, ts } = event
      return shown(withMessage(next, event.surface, { kind: 'posted', channel, ts, at }), event, at)
    }
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

function plannedVersions({ plans }: Incident, plan: number | null) {
  return plan === null ? {} : (plans[plan - 1]?.plan?.versions ?? {})
}

/** Also a resume, once the world was told of a rollback: it is what ends it. */
function isAfterRollback(incident: Incident, plan: number | null): boolean {
  const resumed = plan !== null && incident.plans[plan - 1]?.request.kind === 'resume'
  return isRollback(incident, plan) || (resumed && incident.statusPage.monitoring !== undefined)
}

/** Only a rollback is told to the world; a restart is not. */
function isRollback({ plans }: Incident, plan: number | null): boolean {
  return plan !== null && plans[plan - 1]?.request.kind === 'kubernetes'
}

/** From now on a person can have read the plan. */
function shown(incident: Incident, { surface }: { surface: Surface }, at: string): Incident {
  const plans = incident.plans.map((state) =>
    surface === `plan-${state.number}` && state.shownAt === null
      ? { ...state, shownAt: at }
      : state,
  )
  return { ...incident, plans }
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
