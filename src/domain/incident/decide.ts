import type { Event } from './event.ts'
import type { DecisionContext } from './decision-context.ts'
import { incidentCan } from './incident-can.ts'
import {
  approve,
  abort,
  deny,
  planAgain,
  planOfForm,
  requestPlan,
  watch,
  withdrawn,
  type Ruling,
} from '../plan/decide-plan.ts'
import { declaredByHand, declaredFor, declaredFromAssessment } from './declaration.ts'
import type { Incident, Message } from './incident.ts'
import type { Place, ReceivedIntent } from './intent.ts'
import type { PersonKind } from '../base/person.ts'
import type { Symptom } from '../assessment/symptom.ts'
import { refused, type Refusal, type RefusalReason } from '../base/refusal.ts'

export type Accepted = { readonly kind: 'accepted'; readonly events: readonly Event[] }

const REFUSED_PERSON: Record<Exclude<PersonKind, 'member'>, RefusalReason> = {
  guest: 'guest',
  bot: 'bot-account',
  external: 'external-user',
  deactivated: 'deactivated',
  unknown: 'person-unknown',
}

/** Whether the wish is granted, and what then has happened. Pure. */
export function decide(
  incident: Incident,
  received: ReceivedIntent,
  context: DecisionContext,
): Accepted | Refusal {
  const stranger = refusalOf(context.person.kind)
  if (stranger) return stranger
  const { place, card } = received
  if (card !== null && !isCardOf(incident, place, card)) return refused('stale-card')
  const ruling = rule(incident, received, context)
  return typeof ruling === 'string' ? refused(ruling) : { kind: 'accepted', events: ruling }
}

function rule(
  incident: Incident,
  { by, place, intent }: ReceivedIntent,
  context: DecisionContext,
): Ruling {
  switch (intent.kind) {
    case 'assess':
      return granted(incidentCan.checkAgain(incident), () => [
        ...openedBy(incident, by, place),
        ...newSymptoms(incident, by, intent.symptoms),
        { type: 'assessment-requested', by },
      ])
    case 'start':
      return granted(incidentCan.declare(incident), () => [
        ...openedBy(incident, by, place),
        ...newSymptoms(incident, by, intent.symptoms),
        declaredByHand(by, intent, context),
        { type: 'assessment-requested', by },
        ...planOfForm(incident, intent, context),
      ])
    case 'declare':
      return granted(incidentCan.declare(incident), () => [
        declaredFromAssessment(incident, by, context),
      ])
    case 'check-again':
      return granted(incidentCan.checkAgain(incident), () => [{ type: 'assessment-requested', by }])
    case 'report-symptom':
      return granted(incidentCan.reportSymptom(incident, intent.symptom), () => [
        { type: 'symptom-reported', by, symptom: intent.symptom },
        { type: 'assessment-requested', by },
      ])
    case 'close':
      return granted(incidentCan.close(incident), () => [
        ...withdrawn(incident, by),
        { type: 'incident-closed', by },
      ])
    case 'plan': {
      const ruling = requestPlan(incident, intent.request, context)
      if (typeof ruling === 'string' || incident.declared) return ruling
      return [...openedBy(incident, by, place), declaredFor(intent.request, by, context), ...ruling]
    }
    case 'plan-again':
      return planAgain(incident, intent.plan, context)
    case 'approve':
      return approve(incident, intent, context)
    case 'deny':
      return deny(incident, intent, context)
    case 'abort':
      return abort(incident, by)
    case 'watch':
      return watch(incident, intent.on)
    case 'tick':
      return granted(incidentCan.tick(incident, intent.item), () => [
        { type: 'item-ticked', item: intent.item, by },
      ])
    case 'edit-status':
      return granted(incidentCan.answerStatus(incident, intent.stage), () => [
        { type: 'status-draft-edited', stage: intent.stage, by, text: intent.text },
      ])
    case 'decide-status':
      return granted(incidentCan.answerStatus(incident, intent.stage), () => [
        { type: 'status-decided', stage: intent.stage, by, decision: intent.decision },
      ])
    default:
      return intent satisfies never
  }
}

/** What follows, if it may be done at all. */
function granted(can: true | RefusalReason, events: () => readonly Event[]): Ruling {
  return can === true ? events() : can
}

/** Who may do nothing here, and why; `null` for a member of the workspace. */
export function refusalOf(kind: PersonKind): Refusal | null {
  return kind === 'member' ? null : refused(REFUSED_PERSON[kind])
}

/** A press counts only on a message that we know to be this incident's own. */
function isCardOf({ messages }: Incident, { channel, thread }: Place, ts: string): boolean {
  return Object.values<Message | undefined>(messages).some((message) =>
    message?.kind === 'posted'
      ? message.channel === channel && message.ts === ts
      : // Posted, and we have not heard of it yet: whoever presses it has.
        message?.place.channel === channel && message.place.thread === thread,
  )
}

function openedBy(incident: Incident, by: string, place: Place): Event[] {
  return incident.opened ? [] : [{ type: 'incident-opened', by, place }]
}

function newSymptoms(incident: Incident, by: string, symptoms: readonly Symptom[]): Event[] {
  return [...new Set(symptoms)]
    .filter((symptom) => !incident.symptoms.includes(symptom))
    .map((symptom) => ({ type: 'symptom-reported', by, symptom }))
}
