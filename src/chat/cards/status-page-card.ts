import type { KnownBlock } from '@slack/types'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { StatusStage } from '../../domain/incident/status-page.ts'
import { stageNow } from '../../domain/incident/surfaces.ts'
import type { View } from '../../domain/base/view.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { actions, button, context, header, section, view } from '../parts/blocks.ts'
import { clockTime } from '../text/moments.ts'
import { codeBlock, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { STAGE_WORDS } from '../text/words.ts'
import { statusDraft } from './status-draft.ts'

/** What the status page should say now: one card that moves on. What was said before is a line each. */
export function statusPageCard(incident: Incident, environment: string): View {
  const stage = stageNow(incident)
  if (!stage) return view('Status page: nothing to say yet.', [section(trusted('*Status page*'))])
  const before = earlierStages(incident, stage)
  const { text, blocks } = statusStageCard(incident, stage, environment)
  return { text, blocks: [...blocks, ...(before.length > 0 ? [context(...before)] : [])] }
}

/** One stage of it: people publish the draft, change it or leave it. */
export function statusStageCard(incident: Incident, stage: StatusStage, environment: string): View {
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
  const late = stageNow(incident) !== stage
  return view(`Status page, ${name}: a draft is ready to be published.`, [
    header(`Status page: ${name}`),
    ...(late ? [section(trusted('*Out of date:* a later draft is below.'))] : []),
    section(codeBlock(prompt?.text ?? statusDraft(stage, incident, environment))),
    ...answers(incident, stage, late ? {} : { style: 'primary' }),
    context(
      mrk`${prompt?.text ? 'As a person left it.' : 'A draft.'} Nothing is published by Backout: publish it yourself, then say so here.`,
    ),
  ])
}

function answers(
  incident: Incident,
  stage: StatusStage,
  look: { readonly style?: 'primary' },
): readonly KnownBlock[] {
  if (incidentCan.answerStatus(incident, stage) !== true) return []
  const value = `${incident.id}/${stage}`
  const published = { action: ACTIONS.statusPublished, label: 'I have published it', value }
  return [
    actions(
      button({ ...published, ...look }),
      button({ action: ACTIONS.editStatus, label: 'Edit', value }),
      button({ action: ACTIONS.statusSkipped, label: 'Skip', value }),
    ),
  ]
}

/** What became of the drafts before this one. */
function earlierStages({ statusPage }: Incident, now: StatusStage): readonly Mrkdwn[] {
  const stages = StatusStage.options
  return stages.slice(0, stages.indexOf(now)).flatMap((stage) => {
    const prompt = statusPage[stage]
    if (!prompt) return []
    const name = STAGE_WORDS[stage]
    if (!prompt.decided) return [mrk`Before, ${name}: nobody said that it was published`]
    const { decision, by, at } = prompt.decided
    return [mrk`Before, ${name}: ${decision} by ${mention(by)} at ${clockTime(at)}`]
  })
}
