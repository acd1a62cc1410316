import type { Button, KnownBlock, PlainTextOption } from '@slack/types'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { Symptom } from '../../domain/assessment/symptom.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { actions, button } from './blocks.ts'
import { SYMPTOM_LABELS } from '../reading/symptoms.ts'

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
    ...(offer.includes('close') ? ending(incident) : []),
    ...everyRule(incident),
  ]
  return elements.length > 0 ? [actions(...elements)] : []
}

/** What ends the story, or takes it up again. */
function ending(incident: Incident): readonly Button[] {
  return [...edit(incident), ...close(incident), ...reopen(incident), ...fixDeployed(incident)]
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
  return [button({ action: ACTIONS.showEvidence, label: 'Details', value: id })]
}

function takeLead(incident: Incident): readonly Button[] {
  if (incidentCan.takeLead(incident, null) !== true) return []
  const label = incident.lead ? 'Take over the lead' : 'I have it'
  return [button({ action: ACTIONS.takeLead, label, value: incident.id })]
}

/** On what reminds of it: afterwards nothing is asked any more. */
export function reportPublished(incident: Incident): readonly Button[] {
  if (incidentCan.publishReport(incident) !== true) return []
  const { id } = incident
  return [button({ action: ACTIONS.reportPublished, label: 'Report published', value: id })]
}

export function close(incident: Incident): readonly Button[] {
  if (incidentCan.close(incident) !== true) return []
  return [button({ action: ACTIONS.close, label: 'Close incident', value: incident.id })]
}

function edit(incident: Incident): readonly Button[] {
  if (incidentCan.edit(incident) !== true || incident.closed) return []
  return [button({ action: ACTIONS.edit, label: 'Edit', value: incident.id })]
}

function reopen(incident: Incident): readonly Button[] {
  if (incidentCan.reopen(incident) !== true) return []
  const confirm = {
    title: 'Reopen this incident?',
    text: 'Production is assessed anew. Plans of before stay as they ended.',
    yes: 'Reopen it',
  }
  return [button({ action: ACTIONS.reopen, label: 'Reopen', value: incident.id, confirm })]
}

function fixDeployed(incident: Incident): readonly Button[] {
  if (incidentCan.fixDeployed(incident) !== true) return []
  const confirm = {
    title: 'Does a fixed version run?',
    text: 'The version that was rolled back from is unlocked for pipelines. Backout does not look whether it is right: you say so.',
    yes: 'It runs',
  }
  const label = 'Fixed version deployed'
  return [button({ action: ACTIONS.fixDeployed, label, value: incident.id, confirm })]
}
