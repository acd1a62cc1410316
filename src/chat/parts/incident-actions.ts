import type { Button, KnownBlock, PlainTextOption } from '@slack/types'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { openVerification } from '../../domain/verification/verification.ts'
import { Symptom } from '../../domain/assessment/symptom.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { actions, button } from './blocks.ts'
import { namesUpTo } from '../text/text.ts'
import { SYMPTOM_LABELS } from '../reading/symptoms.ts'
import { suspendedNames } from './suspended.ts'

/** The buttons of an incident's card: exactly what may be done now, and nothing else. */
export function incidentActions(
  incident: Incident,
  offer: readonly ('declare' | 'close')[],
  first: readonly Button[] = [],
): KnownBlock[] {
  const symptoms = symptomOptions(incident)
  const elements = [
    ...first,
    ...(offer.includes('declare') && incidentCan.declare(incident) === true
      ? [
          button({
            action: ACTIONS.declare,
            label: 'Declare incident',
            value: incident.id,
            style: 'primary',
          }),
        ]
      : []),
    ...checkAgain(incident),
    ...(symptoms.length > 0
      ? [
          {
            type: 'static_select' as const,
            action_id: ACTIONS.reportSymptom,
            placeholder: { type: 'plain_text' as const, text: 'Report a symptom' },
            options: symptoms,
          },
        ]
      : []),
    ...takeLead(incident),
    ...(offer.includes('close') ? close(incident) : []),
    ...everyRule(incident),
  ]
  return elements.length > 0 ? [actions(...elements)] : []
}

/** What can be reported, and below it what was reported and can be taken back. */
function symptomOptions(incident: Incident): PlainTextOption[] {
  const option = (text: string, value: string): PlainTextOption => {
    return { text: { type: 'plain_text', text }, value: `${incident.id}/${value}` }
  }
  const report = Symptom.options.flatMap((symptom) => {
    const can = incidentCan.reportSymptom(incident, symptom) === true
    return can ? [option(SYMPTOM_LABELS[symptom].label, symptom)] : []
  })
  const retract = incident.symptoms.flatMap((symptom) => {
    const can = incidentCan.retractSymptom(incident, symptom) === true
    return can ? [option(`Take back: ${SYMPTOM_LABELS[symptom].label}`, `${symptom}/back`)] : []
  })
  return [...report, ...retract]
}

export function checkAgain(incident: Incident): readonly Button[] {
  if (incidentCan.checkAgain(incident) !== true) return []
  return [button({ action: ACTIONS.checkAgain, label: 'Check again', value: incident.id })]
}

/** What is only for whoever wants to check the answer: it opens beside the card. */
function everyRule({ id, assessment }: Incident): readonly Button[] {
  if (!assessment) return []
  return [button({ action: ACTIONS.showEvidence, label: 'Every rule', value: id })]
}

function takeLead(incident: Incident): readonly Button[] {
  if (incidentCan.takeLead(incident, null) !== true) return []
  const label = incident.lead ? 'Take over the lead' : 'I have it'
  return [button({ action: ACTIONS.takeLead, label, value: incident.id })]
}

export function close(incident: Incident): readonly Button[] {
  if (incidentCan.close(incident) !== true) return []
  return [
    button({
      action: ACTIONS.close,
      label: 'Close incident',
      value: incident.id,
      confirm: {
        title: 'Close this incident?',
        text: closingText(incident),
        yes: 'Close it',
      },
    }),
  ]
}

/** A question before a click holds 300 letters. */
const MOST_OPEN = 3

function closingText(incident: Incident): string {
  const suspended = suspendedNames(incident)
  const open = openVerification(incident).map(({ title }) => title)
  const said = [
    ...(suspended
      ? [
          `Backout has suspended ${suspended}, and not resumed it. Once this is closed, somebody has to do that by hand.`,
        ]
      : []),
    ...(open.length > 0 ? [`Not verified: ${namesUpTo(MOST_OPEN, open)}.`] : []),
  ]
  return said.join(' ') || 'The cards stay as they are. A new assessment opens a new incident.'
}
