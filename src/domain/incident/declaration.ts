import { incidentTitleOf } from '../plan/about-request.ts'
import type { PlanRequest } from '../plan/plan-request.ts'
import type { Actor } from '../base/actor.ts'
import type { DecisionContext } from './decision-context.ts'
import type { Event } from './event.ts'
import type { Incident } from './incident.ts'
import type { Intent } from './intent.ts'
import type { RuleOutcome, Severity } from '../assessment/rule.ts'

export function declaredByHand(
  by: Actor,
  intent: Extract<Intent, { kind: 'start' }>,
  { headlineChannel }: DecisionContext,
): Event {
  const { description, services, procedure, toVersion } = intent
  const [firstLine = description] = description.trim().split('\n')
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
export function declaredFromAssessment(
  incident: Incident,
  by: Actor,
  { headlineChannel }: DecisionContext,
): Event {
  const deciding = decidingRule(incident)
  return {
    type: 'incident-declared',
    by,
    channel: headlineChannel,
    title: deciding ? measuredBy(deciding) : withoutRule(incident),
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

/** The title when no rule matched: what was measured does not say what is wrong, an alert may. */
function withoutRule({ assessment, alerts }: Incident): string {
  const [alert] = alerts
  if (alert) return [`alert ${alert.name}`, alert.summary ?? []].flat().join(': ').slice(0, 120)
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

/** How bad it is: as a person has said, else by the latest assessment, else by declaration. */
export function severityOf(incident: Incident): Severity | null {
  const { severitySet, declared } = incident
  return severitySet ?? decidingRule(incident)?.severity ?? declared?.severity ?? null
}

/** A wish that needs a thread of its own opens one. */
export function declaredFor(
  request: PlanRequest,
  by: Actor,
  { headlineChannel }: Pick<DecisionContext, 'headlineChannel'>,
): Event {
  return {
    type: 'incident-declared',
    by,
    channel: headlineChannel,
    title: incidentTitleOf(request),
    severity: null,
    description: '',
    services: 'service' in request && request.service !== undefined ? [request.service] : [],
    procedure: null,
    toVersion: null,
  }
}
