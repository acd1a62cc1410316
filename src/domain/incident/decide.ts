import type { Place } from './place.ts'
import { alertNoted } from '../alert/noted-alerts.ts'
import { actorParts, type Actor, type ActorParts } from '../base/actor.ts'
import type { Event } from './event.ts'
import type { DecisionContext } from './decision-context.ts'
import { ruleOnReport } from './decide-report.ts'
import { incidentCan } from './incident-can.ts'
import {
  planAgain,
  planOfForm,
  isRefusal,
  requestPlan,
  ruleOnRun,
  ruleOnSignature,
  watch,
  type Ruling,
} from '../plan/decide-plan.ts'
import { granted, ruleOnEnd, ruleOnSymptom } from './decide-life.ts'
import { decideOutside } from './decide-status.ts'
import { declaredByHand, declaredFor, declaredFromAssessment } from './declaration.ts'
import type { Incident, Message } from './incident.ts'
import type { Intent, ReceivedIntent } from './intent.ts'
import type { PlanRequest } from '../plan/plan-request.ts'
import type { PersonKind } from '../base/person.ts'
import type { Symptom } from '../assessment/symptom.ts'
import { seenByPerson, verificationAsked } from '../verification/decide-verification.ts'
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
  const stranger = refusalOfActor(received, context)
  if (stranger) return stranger
  const { place, card } = received
  if (card !== null && !isCardOf(incident, place, card)) return refused('stale-card')
  const ruling = rule(incident, received, context)
  if (isRefusal(ruling)) return typeof ruling === 'string' ? refused(ruling) : ruling
  return { kind: 'accepted', events: ruling }
}

function rule(incident: Incident, received: ReceivedIntent, context: DecisionContext): Ruling {
  const { by, intent } = received
  switch (intent.kind) {
    case 'assess':
      return granted(incidentCan.checkAgain(incident), () => [
        ...openedBy(incident, received, context),
        ...newSymptoms(incident, by, intent.symptoms),
        { type: 'assessment-requested', by },
      ])
    case 'start':
    case 'declare':
      return granted(incidentCan.declare(incident), () =>
        intent.kind === 'start'
          ? started(incident, received, intent, context)
          : [declaredFromAssessment(incident, by, context)],
      )
    case 'check-again':
      return granted(incidentCan.checkAgain(incident), () => [{ type: 'assessment-requested', by }])
    case 'note-alert':
      return granted(incidentCan.noteAlert(incident, intent.alert), () =>
        alertNoted(incident, by, intent, openedBy(incident, received, context)),
      )
    case 'report-symptom':
    case 'retract-symptom':
      return ruleOnSymptom(incident, by, intent)
    case 'close':
    case 'reopen':
    case 'edit':
    case 'fix-deployed':
    case 'take-lead':
      return ruleOnEnd(incident, by, intent)
    case 'plan':
      return planned(incident, received, intent.request, context)
    case 'plan-again':
      return planAgain(incident, intent.plan, context)
    case 'approve':
    case 'deny':
      return ruleOnSignature(incident, intent, { ...context, via: received.via })
    case 'abort':
    case 'step-done':
      return ruleOnRun(incident, intent, by)
    case 'watch':
      return watch(incident, intent, context)
    case 'add-to-timeline':
    case 'write-report':
    case 'report-published':
      return ruleOnReport(incident, by, intent)
    case 'tick':
    case 'verify':
    case 'tick-verified':
      return checked(incident, intent, by, context)
    case 'edit-status':
    case 'decide-status':
    case 'publish-status':
    case 'send-letter':
      return decideOutside(incident, by, intent, context)
    default:
      return intent satisfies never
  }
}

/** What people and Backout tick off, before a rollback and after it. */
function checked(
  incident: Incident,
  intent: Extract<Intent, { kind: 'tick' | 'verify' | 'tick-verified' }>,
  by: Actor,
  { verification: items = [] }: DecisionContext,
): Ruling {
  switch (intent.kind) {
    case 'tick':
      return granted(incidentCan.tick(incident, intent.item), () => [
        { type: 'item-ticked', item: intent.item, by },
      ])
    case 'verify':
      return granted(incidentCan.verify(incident), () => [verificationAsked(incident, items, by)])
    case 'tick-verified':
      return granted(incidentCan.tickVerified(incident, intent.item), () => {
        return seenByPerson(incident, intent.item, by)
      })
    default:
      return intent satisfies never
  }
}

/** A plan of an incident that is there, or that opens with it. */
function planned(
  incident: Incident,
  received: ReceivedIntent,
  request: PlanRequest,
  context: DecisionContext,
): Ruling {
  const ruling = requestPlan(incident, request, context)
  if (isRefusal(ruling) || incident.declared) return ruling
  const { by } = received
  return [
    ...openedBy(incident, received, context),
    declaredFor(request, by, context),
    { type: 'assessment-requested', by },
    ...ruling,
  ]
}

/** What the form says, and the plan that was chosen in it. */
function started(
  incident: Incident,
  received: ReceivedIntent,
  intent: Extract<Intent, { kind: 'start' }>,
  context: DecisionContext,
): readonly Event[] {
  const { by } = received
  return [
    ...openedBy(incident, received, context),
    ...newSymptoms(incident, by, intent.symptoms),
    declaredByHand(by, intent, context),
    { type: 'assessment-requested', by },
    ...planOfForm(incident, intent, context),
  ]
}

/** Who may do nothing here, and why; `null` for a member of the workspace. */
export function refusalOf(kind: PersonKind): Refusal | null {
  return kind === 'member' ? null : refused(REFUSED_PERSON[kind])
}

/** What others than people may wish for. */
const MACHINES_MAY: Record<Exclude<ActorParts['kind'], 'person'>, ReadonlySet<Intent['kind']>> = {
  alert: new Set(['assess', 'check-again', 'note-alert']),
  clock: new Set(['assess', 'check-again', 'watch']),
  'command-line': new Set(['assess', 'check-again', 'watch', 'abort']),
  'release-watch': new Set(['assess', 'check-again']),
}

/** Whoever may not wish for this, whatever the incident. */
function refusalOfActor(
  { by, intent }: ReceivedIntent,
  { person }: DecisionContext,
): Refusal | null {
  const { kind } = actorParts(by)
  if (kind === 'person') return refusalOf(person.kind)
  return MACHINES_MAY[kind].has(intent.kind) ? null : refused('not-by-machine')
}

/** A press counts only on a message that we know to be this incident's own. */
export function isCardOf({ outbox }: Incident, { channel, thread }: Place, ts: string): boolean {
  return Object.values<Message | undefined>(outbox.message).some((message) => {
    if (message?.kind === 'delivered') {
      return message.receipt.channel === channel && message.receipt.ts === ts
    }
    // Posted, and we have not heard of it yet: whoever presses it has.
    return (
      message?.kind === 'claimed' && message.to.channel === channel && message.to.thread === thread
    )
  })
}

function openedBy(
  incident: Incident,
  { by, place }: ReceivedIntent,
  { environment }: DecisionContext,
): Event[] {
  return incident.opened ? [] : [{ type: 'incident-opened', by, place, environment }]
}

function newSymptoms(incident: Incident, by: Actor, symptoms: readonly Symptom[]): Event[] {
  return [...new Set(symptoms)]
    .filter((symptom) => !incident.symptoms.includes(symptom))
    .map((symptom) => ({ type: 'symptom-reported', by, symptom }))
}
