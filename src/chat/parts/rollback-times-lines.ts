import type { RollbackTime } from '../../domain/incident/rollback-times.ts'
import { inWords } from '../../domain/text/duration.ts'
import { dayAndTime } from '../text/moments.ts'
import { mrk, oneLine, type Mrkdwn } from '../text/text.ts'

const NEWEST = 5

/** What the newest rollbacks took, so that one sees whether people become faster. Nothing where there was none. */
export function rollbackTimesLines(times: readonly RollbackTime[]): readonly Mrkdwn[] {
  if (times.length === 0) return []
  return [
    mrk`*What the newest rollbacks took, until each had ended*`,
    ...times
      .slice(0, NEWEST)
      .map(
        ({ incident, endedAt, peopleMs, machineMs }) =>
          mrk`${dayAndTime(endedAt)}: people *${inWords(peopleMs)}*, Backout ${inWords(machineMs)} (${oneLine(incident, 100)})`,
      ),
  ]
}
