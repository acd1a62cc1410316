import type { KnownBlock } from '@slack/types'
import type { Assessment } from '../../domain/assessment.ts'
import type { Event } from '../../domain/event.ts'
import { incidentCan } from '../../domain/incident-can.ts'
import type { Incident, Moment } from '../../domain/incident.ts'
import type { Measurement } from '../../domain/measurement.ts'
import type { RuleOutcome } from '../../domain/rule.ts'
import { Symptom } from '../../domain/symptom.ts'
import { ACTIONS } from '../action-ids.ts'
import { actions, button, context, section } from '../blocks.ts'
import { SYMPTOM_LABELS } from '../symptoms.ts'
import { clockTime, lines, mention, mrk, trusted, type Mrkdwn } from '../text.ts'
import { DECISION_WORDS, PROBE_WORDS, SEVERITY_WORDS } from '../words.ts'

/** The answer in one clause: "Roll back: 5xx 62.0 %, rule above 50 %". */
export function answerInWords(assessment: Assessment): string {
  const reason = decidingReason(assessment)
  return `${DECISION_WORDS[assessment.decision]}: ${reason?.because ?? 'nothing measured calls for it'}`
}

export function decidingReason({ reasons, rules }: Assessment): RuleOutcome | undefined {
  return rules.find(({ rule }) => rule === reasons[0])
}

/** Where a rollback would lead, or why it cannot be recommended. */
export function wayBack(assessment: Assessment): Mrkdwn {
  const { decision, recommended, procedures } = assessment
  const best = procedures.find(({ name }) => name === recommended)
  if (best) {
    const to = best.to ? mrk` to *${best.to}*` : trusted('')
    return mrk`*Way back:* ${best.name}${to} (${best.because})`
  }
  const tried = procedures.filter(({ because }) => because !== 'not configured')
  const why = tried.map(({ name, because }) => `${name}: ${because}`).join('; ')
  if (decision !== 'do-not') {
    return mrk`*Way back:* none is possible now. ${why || 'No procedure is configured.'}`
  }
  const ready = tried.find(({ feasible }) => feasible)
  return ready
    ? mrk`*Way back, if it gets worse:* ${ready.name}${ready.to ? ` to ${ready.to}` : ''}`
    : mrk`*Way back, if it gets worse:* none is possible now. ${why || 'No procedure is configured.'}`
}

/** Why, in the order of weight. What matched and what could not be seen are kept apart. */
export function reasonLines(assessment: Assessment): readonly Mrkdwn[] {
  const ranked = assessment.reasons.flatMap((id) =>
    assessment.rules.filter(({ rule }) => rule === id),
  )
  const spoken = ranked.filter(({ matched }) => matched === true).map(reasonLine)
  const blind = ranked.filter(({ matched }) => matched === 'unknown')
  const hidden = blind.map(({ because }) => mrk`• ${because.replace(/^not known: /, '')}`)
  return [
    ...(spoken.length > 0 ? [trusted('*Why*'), ...spoken] : []),
    ...(blind.length > 0
      ? [trusted('*Not known, and it could call for a rollback*'), ...unique(hidden)]
      : []),
  ]
}

function reasonLine({ because, severity, decision, alternative }: RuleOutcome): Mrkdwn {
  const instead = alternative ? `. Instead or first: ${alternative}` : ''
  return mrk`• ${because} (${SEVERITY_WORDS[severity]}: ${DECISION_WORDS[decision].toLowerCase()})${instead}`
}

function unique(parts: readonly Mrkdwn[]): readonly Mrkdwn[] {
  return [...new Map(parts.map((part) => [part.mrkdwn, part])).values()]
}

/** What was measured: trouble first and in full, the rest shortly. */
export function measurementBlocks({ measurements }: Assessment): KnownBlock[] {
  const of = (verdict: Measurement['verdict']) =>
    measurements.filter((one) => one.verdict === verdict)
  const bad = of('degraded').map(measurementLine(':red_circle:'))
  const unreached = of('unreachable').map(measurementLine(':black_circle:'))
  const unclear = of('inconclusive').map(measurementLine(':white_circle:'))
  const good = of('healthy').map(
    ({ probe, target, summary }) => mrk`${nameOf(probe, target)}: ${summary}`,
  )
  const group = (title: string, parts: readonly Mrkdwn[]) =>
    parts.length > 0 ? [section(trusted(`*${title}*`), ...parts)] : []
  return [
    ...group('Bad', bad),
    ...group('Could not ask', unreached),
    ...group('Inconclusive', unclear),
    ...(good.length > 0 ? [context(trusted('*Good*'), ...good)] : []),
  ]
}

function measurementLine(sign: string) {
  return ({ probe, target, summary }: Measurement): Mrkdwn =>
    mrk`${trusted(sign)} ${nameOf(probe, target)}: ${summary}`
}

function nameOf(probe: string, target: string): string {
  const name = PROBE_WORDS[probe] ?? probe
  return target === 'all services' || name === 'Database' || name === 'Cache'
    ? name
    : `${name}, ${target}`
}

const MATCH_WORDS = { true: 'yes', false: 'no', unknown: 'not known' } as const

/** Every rule with what it saw, for who wants to check the answer. */
export function everyRule({ rules, closestFlip, procedures }: Assessment): KnownBlock[] {
  const rows = rules.map(({ rule, matched, because }) => {
    const words = because.replace(/^not known: /, '')
    return mrk`${MATCH_WORDS[`${matched}`]} · ${rule}: ${words}`
  })
  const ways = procedures
    .filter(({ because }) => because !== 'not configured')
    .map(({ name, feasible, because, warnings }) => {
      const care = warnings.length > 0 ? ` Also: ${warnings.join('; ')}.` : ''
      return mrk`${name}: ${feasible ? 'possible' : 'not possible'}, ${because}.${care}`
    })
  const missing = procedures.filter(({ because }) => because === 'not configured')
  return [
    ...(closestFlip ? [context(mrk`*Closest to changing the answer:* ${closestFlip}`)] : []),
    context(
      trusted('*Ways back*'),
      ...ways,
      mrk`Not configured: ${missing.map(({ name }) => name).join(', ') || 'none'}`,
    ),
    context(trusted('*Every rule*'), ...rows),
  ]
}

/** The buttons of an incident's card: exactly what may be done now, and nothing else. */
export function incidentActions(
  incident: Incident,
  offer: readonly ('declare' | 'close')[],
): KnownBlock[] {
  const symptoms = Symptom.options.filter(
    (symptom) => incidentCan.reportSymptom(incident, symptom) === true,
  )
  const elements = [
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
    ...(incidentCan.checkAgain(incident) === true
      ? [button({ action: ACTIONS.checkAgain, label: 'Check again', value: incident.id })]
      : []),
    ...(symptoms.length > 0
      ? [
          {
            type: 'static_select' as const,
            action_id: ACTIONS.reportSymptom,
            placeholder: { type: 'plain_text' as const, text: 'Report a symptom' },
            options: symptoms.map((symptom) => ({
              text: { type: 'plain_text' as const, text: SYMPTOM_LABELS[symptom].label },
              value: `${incident.id}/${symptom}`,
            })),
          },
        ]
      : []),
    ...(offer.includes('close') && incidentCan.close(incident) === true
      ? [
          button({
            action: ACTIONS.close,
            label: 'Close incident',
            value: incident.id,
            confirm: {
              title: 'Close this incident?',
              text: 'The cards stay as they are. A new assessment opens a new incident.',
              yes: 'Close it',
            },
          }),
        ]
      : []),
  ]
  return elements.length > 0 ? [actions(...elements)] : []
}

/** Who said what, when no metric shows it. */
export function reportedLine({ symptoms }: Incident): readonly Mrkdwn[] {
  if (symptoms.length === 0) return []
  return [mrk`*Reported:* ${symptoms.map((symptom) => SYMPTOM_LABELS[symptom].label).join(', ')}`]
}

/** The newest moments of the incident, oldest of them first. */
export function timelineBlock({ timeline }: Incident, newest: number): KnownBlock {
  const left = timeline.length - newest
  return context(
    trusted('*What happened*'),
    ...(left > 0 ? [mrk`… ${left} earlier`] : []),
    ...timeline.slice(-newest).map(momentLine),
  )
}

function momentLine({ at, event }: Moment): Mrkdwn {
  return lines([mrk`${clockTime(at)}  ${happened(event)}`])
}

function happened(event: Event): Mrkdwn {
  switch (event.type) {
    case 'incident-opened':
      return mrk`${mention(event.by)} asked for an assessment`
    case 'symptom-reported':
      return mrk`${mention(event.by)} reported: ${SYMPTOM_LABELS[event.symptom].label}`
    case 'assessment-taken':
      return mrk`${answerInWords(event.assessment)}`
    case 'incident-declared':
      return mrk`${mention(event.by)} declared the incident`
    case 'incident-closed':
      return mrk`${mention(event.by)} closed the incident`
    case 'backout-restarted':
      return trusted('Backout was restarted and carries on')
    default:
      return trusted(event.type)
  }
}
