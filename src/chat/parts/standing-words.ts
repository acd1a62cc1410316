import type { Assessment } from '../../domain/assessment/assessment.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { leftToDecide } from '../../domain/incident/left-to-decide.ts'
import { standingOf, type Standing } from '../../domain/incident/standing.ts'
import { leftInWords } from '../../domain/plan/left-meanwhile.ts'
import { isWatching } from '../../domain/watch/watch.ts'
import { clockTime } from '../text/moments.ts'
import { clipped, mrk, trusted, type Mrkdwn } from '../text/text.ts'

import { DECISION_SIGNS, WATCH_SIGNS, WATCH_WORDS } from '../text/words.ts'
import { answerInWords } from './answer-parts.ts'

/** The sign of how production stands: the first thing that anybody sees. */
export function standingSign(incident: Incident): string {
  if (leftInTitle(incident) !== null) return '🚨'
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
  const left = leftInTitle(incident)
  if (left !== null) return left
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

/** What a plan has left down matters more than what is measured: nobody gives it back by itself. */
function leftInTitle(incident: Incident): string | null {
  const { kind } = standingOf(incident)
  const standing = kind === 'running' || kind === 'closed' ? null : leftToDecide(incident)
  return standing && standing.left.map(leftInWords).join(', ')
}

/** How production stands, and how new that is: one sentence for every card and answer. */
export function standingSentence(incident: Incident): Mrkdwn {
  const standing = standingOf(incident)
  switch (standing.kind) {
    case 'closed':
      return lastSeen(incident)
    case 'running':
      return mrk`Plan ${standing.plan.number} is being carried out, so what was measured before counts no longer.`
    case 'watched':
      return watchedSentence(standing)
    case 'assessed':
      return mrk`${answer(standing.assessment)}, measured at ${clockTime(standing.assessment.at)}.`
    case 'changed':
      return mrk`Not known: plan ${standing.plan.number} has changed production until ${clockTime(standing.at)}, and nobody has looked since.`
    case 'looking':
    case 'unmeasured':
      return beforeVerdict(incident)
    default:
      return standing satisfies never
  }
}

/** While there is no verdict: since when one is being looked for, so that nobody waits for ever; or that none is. */
export function beforeVerdict({ assessmentDueSince: since }: Incident): Mrkdwn {
  if (since === null) return trusted('Not measured yet.')
  return mrk`Looking at production since ${clockTime(since)}…`
}

function answer(assessment: Assessment): Mrkdwn {
  return clipped(answerInWords(assessment), 300)
}

function watchedSentence({ watch }: Extract<Standing, { kind: 'watched' }>): Mrkdwn {
  const { state, stateSince, lookedAt } = watch
  const words = `${WATCH_WORDS[state][0]?.toUpperCase()}${WATCH_WORDS[state].slice(1)}`
  if (isWatching(watch)) return mrk`${words} since ${clockTime(stateSince)}, being watched.`
  return lookedAt
    ? mrk`${words} when it was last looked at, ${clockTime(lookedAt)}.`
    : trusted('Not looked at: the watch ended before its first look.')
}

/** What was seen last before the incident was closed. */
function lastSeen({ assessment, watch }: Incident): Mrkdwn {
  const watched = watch?.lookedAt ?? null
  if (watch && watched !== null && (!assessment || watched > assessment.at)) {
    return mrk`Last seen ${clockTime(watched)}: ${WATCH_WORDS[watch.state]}.`
  }
  if (!assessment) return trusted('It was never measured.')
  return mrk`Last seen ${clockTime(assessment.at)}: ${answer(assessment)}.`
}
