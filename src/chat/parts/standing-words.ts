import type { Incident } from '../../domain/incident/incident.ts'
import { standingOf, type Standing } from '../../domain/incident/standing.ts'
import { isWatching } from '../../domain/watch/watch.ts'
import { clockTime } from '../text/text.ts'
import { DECISION_SIGNS, WATCH_SIGNS, WATCH_WORDS } from '../text/words.ts'
import { answerInWords } from './answer-parts.ts'

/** The sign of how production stands: the first thing that anybody sees. */
export function standingSign(incident: Incident): string {
  const standing = standingOf(incident)
  switch (standing.kind) {
    case 'closed':
      return '✅'
    case 'running':
      return '⏳'
    case 'watched':
      return WATCH_SIGNS[standing.watch.state]
    case 'assessed':
      return standing.afterPlan === null ? '🚨' : DECISION_SIGNS[standing.assessment.decision]
    case 'changed':
      return '⚪'
    case 'looking':
    case 'unmeasured':
      return '🚨'
    default:
      return standing satisfies never
  }
}

/** How production stands in a few words, for a title; `null` while nothing has changed what it was declared as. */
export function standingTitle(incident: Incident): string | null {
  const standing = standingOf(incident)
  switch (standing.kind) {
    case 'watched':
      return WATCH_WORDS[standing.watch.state]
    case 'assessed':
      return standing.afterPlan === null ? null : answerInWords(standing.assessment)
    case 'changed':
      return `not looked at since plan ${standing.plan.number}`
    case 'closed':
    case 'running':
    case 'looking':
    case 'unmeasured':
      return null
    default:
      return standing satisfies never
  }
}

/** How production stands, and how new that is: one sentence for every card and answer. */
export function standingSentence(incident: Incident): string {
  const standing = standingOf(incident)
  switch (standing.kind) {
    case 'closed':
      return lastSeen(incident)
    case 'running':
      return `Plan ${standing.plan.number} is being carried out: how production does is seen afterwards.`
    case 'watched':
      return watchedSentence(standing)
    case 'assessed':
      return `${answerInWords(standing.assessment)}, measured at ${clockTime(standing.assessment.at)}.`
    case 'changed':
      return `Not known: plan ${standing.plan.number} has changed production until ${clockTime(standing.at)}, and nobody has looked since.`
    case 'looking':
      return 'Looking at production…'
    case 'unmeasured':
      return 'Not measured yet.'
    default:
      return standing satisfies never
  }
}

function watchedSentence({ watch }: Extract<Standing, { kind: 'watched' }>): string {
  const { state, stateSince, lookedAt } = watch
  const words = `${WATCH_WORDS[state][0]?.toUpperCase()}${WATCH_WORDS[state].slice(1)}`
  if (isWatching(watch)) return `${words} since ${clockTime(stateSince)}, being watched.`
  return lookedAt
    ? `${words} when it was last looked at, ${clockTime(lookedAt)}.`
    : 'Not looked at: the watch ended before its first look.'
}

/** What was seen last before the incident was closed. */
function lastSeen({ assessment, watch }: Incident): string {
  const watched = watch?.lookedAt ?? null
  if (watch && watched !== null && (!assessment || watched > assessment.at)) {
    return `Last seen ${clockTime(watched)}: ${WATCH_WORDS[watch.state]}.`
  }
  if (!assessment) return 'It was never measured.'
  return `Last seen ${clockTime(assessment.at)}: ${answerInWords(assessment)}.`
}
