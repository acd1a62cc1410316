import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { StatusStage } from '../../domain/incident/status-page.ts'
import type { View } from '../../domain/base/view.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { actions, button, context, header, section, view } from '../parts/blocks.ts'
import { clockTime, codeBlock, mention, mrk, trusted } from '../text/text.ts'
import { STAGE_WORDS } from '../text/words.ts'
import { statusDraft } from './status-draft.ts'

/** A draft for the status page: people publish it, change it or leave it. */
export function statusPageCard(incident: Incident, stage: StatusStage, environment: string): View {
  const prompt = incident.statusPage[stage]
  const name = STAGE_WORDS[stage]
  if (prompt?.decided) {
    const { decision, by, at } = prompt.decided
    return view(`Status page, ${name}: ${decision}.`, [
      section(mrk`*Status page, ${name}:* ${decision} by ${mention(by)} at ${clockTime(at)}.`),
      // A draft that nobody edited would be written anew with what is known by now.
      ...(prompt.text === null ? [] : [section(codeBlock(prompt.text))]),
    ])
  }
  const value = `${incident.id}/${stage}`
  const late = isPast(incident, stage)
  return view(`Status page, ${name}: a draft is ready to be published.`, [
    header(`Status page: ${name}`),
    ...(late ? [section(trusted('*Out of date:* a later draft is below.'))] : []),
    section(codeBlock(prompt?.text ?? statusDraft(stage, incident, environment))),
    ...(incidentCan.answerStatus(incident, stage) === true
      ? [
          actions(
            button({
              action: ACTIONS.statusPublished,
              label: 'I have published it',
              value,
              ...(late ? {} : { style: 'primary' as const }),
            }),
            button({ action: ACTIONS.editStatus, label: 'Edit', value }),
            button({ action: ACTIONS.statusSkipped, label: 'Skip', value }),
          ),
        ]
      : []),
    context(
      mrk`${prompt?.text ? 'As a person left it.' : 'A draft.'} Nothing is published by Backout: publish it yourself, then say so here.`,
    ),
  ])
}

/** Whether the incident has come to a later stage. */
function isPast({ statusPage }: Incident, stage: StatusStage): boolean {
  const stages = StatusStage.options
  return stages.slice(stages.indexOf(stage) + 1).some((later) => statusPage[later])
}
