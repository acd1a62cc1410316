import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { View } from '../../domain/base/view.ts'
import { context, section, view } from '../parts/blocks.ts'
import { beforeVerdict } from '../parts/standing-words.ts'
import { mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { lookedAt } from './assessment-card.ts'
import { alertBlocks } from '../parts/alert-lines.ts'
import { releaseWatchBlocks } from '../parts/release-watch-lines.ts'
import { answerInWords, outdatedBy, reasonLines } from '../parts/answer-parts.ts'
import { causeLines } from '../parts/cause-lines.ts'
import { changeLines } from '../parts/change-lines.ts'
import { dataLines } from '../parts/data-lines.ts'
import { incidentActions } from '../parts/incident-actions.ts'
import { pageLines } from '../parts/page-lines.ts'
import { prepareRollback } from '../parts/prepare-rollback.ts'
import { reportedLine, timelineBlock } from '../parts/timeline.ts'

/** What an incident's thread carries: the details, what happened, and every button people need. */
export function threadCard(incident: Incident, approval: ApprovalSettings): View {
  const { assessment, declared, opened } = incident
  const by = mention(incident.assessmentAskedBy ?? opened?.by ?? '')
  const description = declared?.description
    ? [section(mrk`*Reported:* ${declared.description}`)]
    : []
  const before = outdatedBy(incident)
  const [nowLine, ...reasons] = assessment ? reasonLines(assessment) : []
  const rollback = prepareRollback(incident, approval)
  const sentence = assessment
    ? `Details of incident ${incident.id}. ${answerInWords(assessment)}.`
    : `Details of incident ${incident.id}. ${incident.assessmentDueSince ? 'Looking at production' : 'Not measured yet'}.`
  return view(sentence, [
    ...description,
    ...(rollback.says ? [section(rollback.says)] : []),
    section(
      ...(before === null ? [] : [asItWas(incident, before)]),
      mrk`*${assessment ? answerInWords(assessment) : beforeVerdict(incident)}*`,
      ...(nowLine && before === null ? [nowLine] : []),
      ...reasons,
      ...(assessment ? causeLines(assessment) : []),
      ...(assessment ? changeLines(assessment) : []),
      ...(assessment ? dataLines(assessment) : []),
      ...reportedLine(incident),
      ...pageLines(incident, 'all'),
    ),
    ...alertBlocks(incident),
    ...releaseWatchBlocks(incident),
    context(lookedAt(incident, by)),
    ...incidentActions(incident, ['close'], rollback.buttons),
    timelineBlock(incident, 10),
  ])
}

function asItWas(incident: Incident, before: number): Mrkdwn {
  const again =
    incidentCan.checkAgain(incident) === true ? ' _Check again_ says how it is now.' : ''
  return mrk`As it was before plan ${before}.${trusted(again)}`
}
