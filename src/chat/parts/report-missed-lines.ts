import type { Incident } from '../../domain/incident/incident.ts'
import { COMMAND } from '../reading/bad-arguments.ts'
import { call, code, mrk, trusted, type Mrkdwn } from '../text/text.ts'

/** Calls whoever has taken it on, else whoever leads, else whoever declared the incident. */
export function reportMissedLines({
  id,
  report,
  lead,
  declared,
  closed,
}: Incident): readonly Mrkdwn[] {
  const whom = closed?.closing?.reportBy ?? lead?.by ?? declared?.by
  const calls = whom === undefined ? trusted('') : mrk`${call(whom)} `
  return [
    mrk`📝 ${calls}The status page promised a report of this incident, and nobody has said that it is published.`,
    report.written > 0
      ? trusted(
          'Its draft is in this thread. Next: fill in what only people know, publish it, then press Report published.',
        )
      : mrk`Next: type ${code(`${COMMAND} report ${id}`)}, fill in what only people know, publish it, then press Report published.`,
  ]
}
