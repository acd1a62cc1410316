import type { Assessment } from '../../domain/assessment/assessment.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { lastMeasured } from '../../domain/incident/last-measured.ts'
import type { PlannedChange } from '../../domain/plan/plan.ts'
import { clockTime } from '../text/moments.ts'
import { clipped, mrk, type Mrkdwn } from '../text/text.ts'
import { answerInWords } from './answer-parts.ts'

/** Whether a plan takes away what did well, or brings what did not, as far as this incident has measured it. */
export function measuredLines(
  incident: Incident,
  changes: readonly PlannedChange[],
): readonly Mrkdwn[] {
  const now = lastMeasured(incident, changes, 'from')
  const then = lastMeasured(incident, changes, 'to')
  return [
    ...(now?.decision === 'do-not'
      ? [mrk`⚠️ *What runs now did well* when it was measured last: ${answerAndTime(now)}`]
      : []),
    ...(then ? [broughtLine(then)] : []),
  ]
}

function broughtLine(then: Assessment): Mrkdwn {
  return then.decision === 'do-not'
    ? mrk`*What this brings did well* when it was measured last: ${answerAndTime(then)}`
    : mrk`⚠️ *What this brings was bad* when it was measured last: ${answerAndTime(then)}`
}

function answerAndTime(assessment: Assessment): Mrkdwn {
  return mrk`${clipped(answerInWords(assessment), 200)} (${clockTime(assessment.at)}).`
}
