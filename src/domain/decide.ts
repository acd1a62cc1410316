import type { Assessment } from './assessment.ts'
import type { Event } from './event.ts'
import { incidentCan } from './incident-can.ts'
import type { Incident } from './incident.ts'
import type { Intent, Place, ReceivedIntent } from './intent.ts'
import type { Person, PersonKind } from './person.ts'
import type { RuleOutcome, Severity } from './rule.ts'
import type { Symptom } from './symptom.ts'
import { refused, type Refusal, type RefusalReason } from './refusal.ts'

export type Accepted = { readonly kind: 'accepted'; readonly events: readonly Event[] }

/** What the decision needs to know beside the incident. */
export type DecisionContext = {
  readonly person: Person
  /** Where headlines go: the first configured incident channel. */
  readonly headlineChannel: string
}

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
  { by, place, card, intent }: ReceivedIntent,
  context: DecisionContext,
): Accepted | Refusal {
  const stranger = refusalOf(context.person.kind)
  if (stranger) return stranger
  if (card !== null && !isCardOf(incident, place.channel, card)) return refused('stale-card')

  switch (intent.kind) {
    case 'assess': {
      const can = incidentCan.checkAgain(incident)
      if (can !== true) return refused(can)
      return accepted([
        ...openedBy(incident, by, place),
        ...newSymptoms(incident, by, intent.symptoms),
        { type: 'assessment-requested', by },
      ])
    }
    case 'start': {
      const can = incidentCan.declare(incident)
      if (can !== true) return refused(can)
      return accepted([
        ...openedBy(incident, by, place),
        ...newSymptoms(incident, by, intent.symptoms),
        declaredByHand(by, intent, context),
        { type: 'assessment-requested', by },
      ])
    }
    case 'declare': {
      const can = incidentCan.declare(incident)
      return can === true ? accepted([declaredFromAssessment(incident, by, context)]) : refused(can)
    }
    case 'check-again': {
      const can = incidentCan.checkAgain(incident)
      return can === true ? accepted([{ type: 'assessment-requested', by }]) : refused(can)
    }
    case 'report-symptom': {
      const can = incidentCan.reportSymptom(incident, intent.symptom)
      if (can !== true) return refused(can)
      return accepted([
        { type: 'symptom-reported', by, symptom: intent.symptom },
        { type: 'assessment-requested', by },
      ])
    }
    case 'close': {
      const can = incidentCan.close(incident)
      return can === true ? accepted([{ type: 'incident-closed', by }]) : refused(can)
    }
    default:
      return intent satisfies never
  }
}

/** Who may do nothing here, and why; `null` for a member of the workspace. */
export function refusalOf(kind: PersonKind): Refusal | null {
  return kind === 'member' ? null : refused(REFUSED_PERSON[kind])
}

/** A press counts only on a message that we know to be this incident's own. */
function isCardOf({ messages }: Incident, channel: string, ts: string): boolean {
  return Object.values(messages).some((message) =>
    message.kind === 'posted'
      ? message.channel === channel && message.ts === ts
      : // Posted, and we have not heard of it yet: whoever presses it has.
        message.place.channel === channel,
  )
}

function accepted(events: readonly Event[]): Accepted {
  return { kind: 'accepted', events }
}

function openedBy(incident: Incident, by: string, place: Place): Event[] {
  return incident.opened ? [] : [{ type: 'incident-opened', by, place }]
}

function newSymptoms(incident: Incident, by: string, symptoms: readonly Symptom[]): Event[] {
  return [...new Set(symptoms)]
    .filter((symptom) => !incident.symptoms.includes(symptom))
    .map((symptom) => ({ type: 'symptom-reported', by, symptom }))
}

function declaredByHand(
  by: string,
  intent: Extract<Intent, { kind: 'start' }>,
  { headlineChannel }: DecisionContext,
): Event {
  const { description, services, procedure, toVersion } = intent
  const [firstLine = description] = description.split('\n')
  return {
    type: 'incident-declared',
    by,
    channel: headlineChannel,
    title: firstLine.slice(0, 120),
    severity: null,
    description,
    services,
    procedure,
    toVersion,
  }
}

/** Declared with one click: the title is what the deciding rule measured. */
function declaredFromAssessment(
  incident: Incident,
  by: string,
  { headlineChannel }: DecisionContext,
): Event {
  const deciding = decidingRule(incident)
  return {
    type: 'incident-declared',
    by,
    channel: headlineChannel,
    title: deciding ? measuredBy(deciding) : withoutRule(incident.assessment),
    severity: deciding?.severity ?? null,
    description: '',
    services: [],
    procedure: incident.assessment?.recommended ?? null,
    toVersion: null,
  }
}

/** What was measured, without the limit it crossed: an incident's name for the hours to come. */
function measuredBy({ because }: RuleOutcome): string {
  return because.replace(/, rule .*$/, '')
}

/** The title when no rule matched: what was measured does not say what is wrong. */
function withoutRule(assessment: Assessment | null): string {
  if (!assessment) return 'declared before anything was measured'
  return assessment.decision === 'do-not'
    ? 'declared while nothing measured was wrong'
    : 'not enough is known to judge'
}

/** The rule whose match decided the latest assessment, if one matched. */
export function decidingRule(incident: Incident) {
  const [first] = incident.assessment?.reasons ?? []
  return incident.assessment?.rules.find(({ rule, matched }) => rule === first && matched === true)
}

/** How bad it is: by declaration, or else by the latest assessment. */
export function severityOf(incident: Incident): Severity | null {
  return decidingRule(incident)?.severity ?? incident.declared?.severity ?? null
}
