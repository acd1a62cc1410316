import { decidingRule, severityOf } from '../../domain/decide.ts'
import type { Incident } from '../../domain/incident.ts'
import type { View } from '../../domain/view.ts'
import { context, header, section, view } from '../blocks.ts'
import { clockTime, mention, mrk, type Mrkdwn } from '../text.ts'
import { SEVERITY_WORDS } from '../words.ts'
import { answerInWords, wayBack } from './answer-parts.ts'

/** The one message of an incident in the channel: always true, re-rendered, never posted again. */
export function headline(incident: Incident, environment: string): View {
  const { declared, closed, assessment, id } = incident
  if (!declared) return view(`Incident ${id}`, [section(mrk`Incident ${id}`)])
  const severity = severityOf(incident)
  const state = closed ? 'Closed' : 'Open'
  const level = severity ? `severity ${SEVERITY_WORDS[severity]}` : 'severity not known yet'
  const sentence = `${state} incident in ${environment}, ${level}: ${declared.title}. ${nextInWords(incident)}`
  return view(sentence, [
    header(`${closed ? '✅' : '🚨'} ${environment}: ${declared.title}`),
    section(
      mrk`*${state}*, ${level}, since ${clockTime(declared.at)}`,
      mrk`*${closed ? 'Last look' : 'Verdict'}:* ${assessment ? answerInWords(assessment) : 'looking…'}`,
      ...(assessment && !closed ? [wayBack(assessment)] : []),
      ...wishes(incident),
      ...(closed ? [] : [mrk`*Next:* ${nextInWords(incident)}`]),
    ),
    context(
      mrk`Incident ${id}. Declared by ${mention(declared.by)}.${closed ? mrk` Closed ${clockTime(closed.at)} by ${mention(closed.by)}.` : ''}`,
    ),
  ])
}

function wishes({ declared }: Incident): readonly Mrkdwn[] {
  if (!declared) return []
  const { services, procedure, toVersion } = declared
  return [
    ...(services.length > 0 ? [mrk`*Affected:* ${services.join(', ')}`] : []),
    ...(toVersion ? [mrk`*Wanted:* ${procedure ?? 'a rollback'} to ${toVersion}`] : []),
  ]
}

/** What somebody should do now. */
function nextInWords(incident: Incident): string {
  const { assessment, closed } = incident
  if (closed) return 'Nothing is left to do here.'
  if (!assessment) return 'Wait for the verdict.'
  switch (assessment.decision) {
    case 'roll-back':
      if (assessment.recommended) return 'Decide on the rollback. The details are in the thread.'
      return assessment.procedures.every(({ known }) => known)
        ? 'No way back is possible now. See the thread for why.'
        : 'Which way back is possible is not known. See the thread for why.'
    case 'person-decides':
      return 'Decide. What is known and what is not stands in the thread.'
    case 'do-not':
      return decidingRule(incident)?.alternative
        ? 'Do not roll back. The thread says what to do instead.'
        : 'Do not roll back. Nothing that was measured calls for it.'
    default:
      return assessment.decision satisfies never
  }
}
