import type { KnownBlock } from '@slack/types'
import type { Assessment } from '../../domain/assessment/assessment.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { View } from '../../domain/base/view.ts'
import { context, header, section, view } from '../parts/blocks.ts'
import { clockTime } from '../text/moments.ts'
import { mention, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'
import { DECISION_SIGNS, DECISION_WORDS } from '../text/words.ts'
import { alertBlocks, alertSentence } from '../parts/alert-lines.ts'
import { answerInWords, reasonLines, wayBack } from '../parts/answer-parts.ts'
import { causeLines } from '../parts/cause-lines.ts'
import { changeLines } from '../parts/change-lines.ts'
import { dataLines } from '../parts/data-lines.ts'
import { incidentActions } from '../parts/incident-actions.ts'
import { releaseWatchBlocks, releaseWatchSentence } from '../parts/release-watch-lines.ts'
import { reportedLine } from '../parts/timeline.ts'

/** The answer to `/rollback assess`: the verdict, why, what speaks against it and the next button; the rest is behind *Details*. */
export function assessmentCard(
  incident: Incident,
  environment: string,
  /** What people work on already: it may be this. */
  open: readonly Incident[],
): View {
  const { assessment } = incident
  const askedBy = mention(incident.assessmentAskedBy ?? incident.opened?.by ?? '')
  if (!assessment) {
    return view(withOpener(`Looking at ${environment}. The answer comes here.`, incident), [
      header(`Looking at ${environment}…`),
      context(mrk`Asked by ${askedBy}. The answer comes here within seconds.`),
      ...alertBlocks(incident),
      ...releaseWatchBlocks(incident),
    ])
  }
  const sentence = withOpener(`${environment}: ${answerInWords(assessment)}.`, incident)
  return view(sentence, [
    header(
      `${DECISION_SIGNS[assessment.decision]} ${DECISION_WORDS[assessment.decision]}: ${environment}`,
    ),
    section(...reasonLines(assessment), ...causeLines(assessment)),
    ...alertBlocks(incident),
    ...releaseWatchBlocks(incident),
    section(wayBack(assessment), ...dataLines(assessment), ...reportedLine(incident)),
    ...incidentActions(incident, ['declare']),
    ...changesBlock(assessment),
    context(lookedAt(incident, askedBy), ...(incident.declared ? [] : open.map(openAlready))),
  ])
}

function withOpener(sentence: string, incident: Incident): string {
  return [sentence, alertSentence(incident) ?? [], releaseWatchSentence(incident) ?? []]
    .flat()
    .join(' ')
}

function changesBlock(assessment: Assessment): KnownBlock[] {
  const told = changeLines(assessment)
  return told.length > 0 ? [section(...told)] : []
}

/** When the numbers are from, and what is under way. */
export function lookedAt(
  { assessment, assessmentDueSince, declared, id }: Incident,
  by: Mrkdwn,
): Mrkdwn {
  const looked = assessment
    ? mrk`Looked at ${clockTime(assessment.at)}, in ${duration(assessment.tookMs)}. Asked by ${by}.`
    : mrk`Asked by ${by}.`
  const again = assessmentDueSince
    ? mrk` *Looking again since ${clockTime(assessmentDueSince)}…*`
    : trusted('')
  const known = declared ? mrk` Declared as incident ${id}.` : trusted('')
  return mrk`${looked}${again}${known}`
}

function duration(ms: number): string {
  return ms < 100 ? 'under 0.1 s' : `${(ms / 1000).toFixed(1)} s`
}

function openAlready({ id, declared }: Incident): Mrkdwn {
  return declared
    ? mrk`*Open already* since ${clockTime(declared.at)}: ${oneLine(declared.title, 100)} (incident ${id})`
    : trusted('')
}
