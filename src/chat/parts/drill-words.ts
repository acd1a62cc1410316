import type { DrillEnd, Overlooked, Score } from '../../domain/drill/score.ts'
import { inWords } from '../../domain/text/duration.ts'
import { mention, mrk, namesUpTo, oneLine, trusted, type Mrkdwn } from '../text/text.ts'

export const DECISION_SAID: Readonly<Record<Score['decision'], string>> = {
  right: '🟢 The decision was right.',
  wrong: '🔴 The decision was not right.',
  undecided: '⚪ Nobody had decided.',
}

const END_WORDS: Readonly<Record<DrillEnd, string>> = {
  closed: 'The incident was closed.',
  stopped: 'Somebody ended the drill.',
  restarted: 'Backout was started anew, and the simulated production was gone with the process.',
  forgotten: 'Nobody ended it, so Backout did.',
}

export function endInWords(end: DrillEnd): string {
  return END_WORDS[end]
}

/** All of people’s time in it. */
export function peopleInWords({ phases }: Pick<Score, 'phases'>): string {
  if (phases.length === 0) return 'not measured'
  return inWords(phases.reduce((sum, { peopleMs }) => sum + peopleMs, 0))
}

/** Each thing that people went past, in a sentence. */
export function overlookedInWords(one: Overlooked): Mrkdwn {
  switch (one.what) {
    case 'spoke-against':
      return mrk`The card said what spoke against a rollback, and it was begun: ${oneLine(one.says, 300)}`
    case 'said-do-not':
      return trusted('The answer was not to roll back, and it was begun.')
    case 'signed-unread':
      return mrk`${mention(one.by)} signed plan ${one.plan} after ${inWords(one.afterMs)}. To read all of it takes about ${inWords(one.readingMs)}.`
    case 'verification':
      return mrk`Not verified when it was closed: ${namesUpTo(6, one.titles)}.`
    case 'status-page':
      return mrk`Never published or skipped for the status page: ${one.stages.join(', ')}.`
    case 'not-stable':
      return trusted('It was closed before production was seen stable.')
    case 'maintenance':
      return trusted('Maintenance was left on.')
    case 'suspended':
      return mrk`${oneLine(one.owner, 100)} was left suspended.`
    default:
      return one satisfies never
  }
}
