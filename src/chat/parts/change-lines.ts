import type { Assessment } from '../../domain/assessment/assessment.ts'
import type { PlannedChange } from '../../domain/plan/plan.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { ComparedChange, Since } from '../../domain/workload/newest-change.ts'
import type { OtherChange } from '../../domain/workload/other-change.ts'
import { ownVersion } from '../../domain/workload/versions.ts'
import { shortDayAndTime, shortTime } from '../text/moments.ts'
import { utcDayAndTime, utcTime } from '../../domain/text/utc.ts'
import {
  clipped,
  counted,
  link,
  mrk,
  namesUpTo,
  oneLine,
  trusted,
  type Mrkdwn,
} from '../text/text.ts'

/** More would push the buttons off the first screen. */
const SHOWN = 4
const SHOWN_OTHERS = 3

/** What changed last, by whom: one line for each service, the newest first. */
export function changeLines({ changes, otherChanges = [], at }: Assessment): readonly Mrkdwn[] {
  const others = otherChanges.slice(0, SHOWN_OTHERS).map((one) => mrk`• ${otherLine(one, at)}`)
  if (changes === null) return [trusted('*What changed last:* not known'), ...others]
  if (changes === undefined || changes.length === 0) {
    return others.length === 0 ? [] : [trusted('*What changed last*'), ...others]
  }
  const rest = changes.length - SHOWN
  return [
    trusted('*What changed last*'),
    ...changes.slice(0, SHOWN).map((change) => mrk`• ${changeLine(change, at)}`),
    ...(rest > 0 ? [mrk`• ${counted(rest, 'more service')}, changed before these`] : []),
    ...others,
  ]
}

/** "backend v2.0.0 since 3 min (02:58 UTC), by ci-bot: fix login; before: v1.9.0 · compare". */
export function changeLine(change: ComparedChange, seenAt: string): Mrkdwn {
  return mrk`*${clipped(change.service, 80)}* ${whatAndWhen(change, seenAt)}${byWhom(change)}${before(change)}${compareLink(change)}`
}

/** "backend was scaled to 5, 3 min ago (02:58 UTC), by ci-bot" */
function otherLine({ says, since, by }: OtherChange, seenAt: string): Mrkdwn {
  const who = by === null ? trusted('') : mrk`, by ${clipped(by, 60)}`
  return mrk`${clipped(says, 160)}, ${whenInWords(since, seenAt)}${who}`
}

/** The same for a terminal. */
export function otherCells({ says, since, by }: OtherChange, at: string): readonly string[] {
  return [says, sinceInUtc(since, at), by ?? 'not told'].map((cell) => oneLine(cell, 160))
}

/** The same of a service that is named already. */
export function changeClause(change: ComparedChange, seenAt: string): Mrkdwn {
  return mrk`${whatAndWhen(change, seenAt)}${byWhom(change)}${compareLink(change)}`
}

/** What a plan takes back, as it was told when the plan was made: one line for what came together. */
export function takenBack(changes: readonly PlannedChange[], seenAt: string): readonly Mrkdwn[] {
  const services = new Map<string, string[]>()
  for (const { what, takesBack } of changes) {
    if (!takesBack) continue
    const clause = changeClause(takesBack, seenAt).mrkdwn
    services.set(clause, [...(services.get(clause) ?? []), what])
  }
  return [...services].map(([clause, names]) => {
    const of = services.size === 1 ? trusted('') : mrk`, ${namesUpTo(5, names)}`
    return mrk`*Takes back${of}:* ${trusted(clause)}`
  })
}

/** "; changed by ci-bot (03:20 UTC)", behind what runs and should not. */
export function changedBy({ since, by }: Pick<ComparedChange, 'since' | 'by'>): Mrkdwn {
  const who = by === null ? trusted('somebody whom nothing names') : clipped(by, 60)
  if (since === null) return mrk`; changed by ${who}, when is not known`
  return mrk`; changed by ${who} (${since.exact ? '' : 'at the latest '}${shortTime(since.time)})`
}

/** The same for a terminal: what, since when, by whom. */
export function changeCells({ images, kind, since, by, cause }: ComparedChange, at: string) {
  const what = kind === 'version' ? '' : kind === 'restart' ? ' restarted' : ' with other settings'
  const who = `${by ?? 'not told'}${cause === null ? '' : `: ${cause}`}`
  return [`${ownVersion({ images })}${what}`, sinceInUtc(since, at), who].map((cell) =>
    oneLine(cell, 160),
  )
}

function whatAndWhen({ kind, images, since, versionSince }: ComparedChange, at: string): Mrkdwn {
  const version = clipped(ownVersion({ images }) || 'an unknown version', 80)
  if (kind === 'version') return mrk`${version} ${sinceInWords(since, at)}`
  const what = kind === 'restart' ? 'restarted' : 'other settings'
  return mrk`${what}, ${sinceInWords(since, at)}, still ${version} (${sinceInWords(versionSince, at)})`
}

function byWhom({ by, cause, commit, authors, builtAt, source }: ComparedChange): Mrkdwn {
  const who = by === null ? trusted(', by whom is not told') : mrk`, by ${clipped(by, 60)}`
  const why = cause === null ? trusted('') : mrk`: ${clipped(cause, 120)}`
  const made = [
    ...(commit === null ? [] : [mrk`commit ${clipped(commit.slice(0, 8), 30)}`]),
    ...(authors === null ? [] : [mrk`of ${clipped(authors, 60)}`]),
    ...(builtAt === null ? [] : [mrk`built ${clipped(builtAt, 40)}`]),
    ...(source === null ? [] : [mrk`from ${clipped(source, 100)}`]),
  ]
  const notes = made.map(({ mrkdwn }) => mrkdwn).join(', ')
  return mrk`${who}${why}${trusted(notes === '' ? '' : ` (${notes})`)}`
}

function before({ imagesBefore }: ComparedChange): Mrkdwn {
  return imagesBefore === null
    ? trusted('; what ran before is not kept')
    : mrk`; before: ${clipped(ownVersion({ images: imagesBefore }), 80)}`
}

function compareLink({ compareUrl }: ComparedChange): Mrkdwn {
  return compareUrl === null ? trusted('') : mrk` · ${link(compareUrl, 'compare')}`
}

function sinceInWords(since: Since | null, at: string): Mrkdwn {
  if (since === null) return trusted('since when is not known')
  return mrk`since ${age(since, at)} (${momentOf(since, at)})`
}

/** "3 min ago (02:58 UTC)" */
function whenInWords(since: Since, at: string): Mrkdwn {
  return mrk`${age(since, at)} ago (${momentOf(since, at)})`
}

function momentOf(since: Since, at: string): Mrkdwn {
  return isSameDay(since, at) ? shortTime(since.time) : shortDayAndTime(since.time)
}

function sinceInUtc(since: Since | null, at: string): string {
  if (since === null) return 'since when is not known'
  const minutes = utcTime(since.time).replace(/:\d\d UTC$/, ' UTC')
  return `since ${age(since, at)} (${isSameDay(since, at) ? minutes : utcDayAndTime(since.time)})`
}

function isSameDay({ time }: Since, at: string): boolean {
  return time.slice(0, 10) === at.slice(0, 10)
}

const MINUTE_MS = 60_000

function age({ time, exact }: Since, at: string): string {
  const ms = toMs(at) - toMs(time)
  if (exact) return ageInWords(ms)
  return `at least ${ms < MINUTE_MS ? 'some seconds' : ageInWords(ms)}`
}

/** Rounded down: nothing is called older than it is. */
function ageInWords(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / MINUTE_MS)
  if (minutes === 0) return 'less than a minute'
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : counted(Math.floor(hours / 24), 'day')
}
