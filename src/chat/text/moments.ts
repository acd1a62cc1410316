import { toMs } from '../../domain/base/instant.ts'
import { utcDayAndTime, utcTime } from '../../domain/text/utc.ts'
import { mrk, trusted, type Mrkdwn } from './text.ts'

/*
 * A moment is shown in the reader's zone, by Slack, with UTC beside it: the report, the terminal and the
 * logs speak UTC. https://docs.slack.dev/messaging/formatting-message-text, "date formatting"
 */

/** "5:12:07 AM (03:12:07 UTC)" of an ISO time. */
export function clockTime(iso: string): Mrkdwn {
  return moment(iso, utcTime(iso), (utc) => `{time_secs} (${utc})`)
}

/** "5:12 AM, 03:12 UTC", for inside of brackets. */
export function shortTime(iso: string): Mrkdwn {
  return moment(iso, utcTime(iso).replace(/:\d\d UTC$/, ' UTC'), (utc) => `{time}, ${utc}`)
}

/** "2026-03-01 5:12 AM (2026-03-01 03:12 UTC)". */
export function dayAndTime(iso: string): Mrkdwn {
  return moment(iso, utcDayAndTime(iso), (utc) => `{date_num} {time} (${utc})`)
}

/** The same for inside of brackets. */
export function shortDayAndTime(iso: string): Mrkdwn {
  return moment(iso, utcDayAndTime(iso), (utc) => `{date_num} {time}, ${utc}`)
}

/** Slack falls back to UTC where it cannot format. */
function moment(iso: string, utc: string, format: (utc: string) => string): Mrkdwn {
  const ms = toMs(iso)
  // Only what is a time becomes markup.
  if (Number.isNaN(ms) || !/^[\d: -]+UTC$/.test(utc)) return mrk`${utc}`
  return trusted(`<!date^${Math.floor(ms / 1000)}^${format(utc)}|${utc}>`)
}

const DATE = /<!date\^\d+\^[^<>|]*\|([^<>]*)>/g

/** The same in UTC alone, for a Slack that shows its date format as it is written: local-slack. */
export function inUtc<Shown>(shown: Shown): Shown {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only words inside of it change
  return JSON.parse(JSON.stringify(shown).replace(DATE, '$1')) as Shown
}
