import type { TroubleBegan } from '../assessment/onset.ts'
import type { TakesBack } from '../plan/feasibility.ts'
import { toIso, toMs } from '../base/instant.ts'
import { utcDayAndTime } from '../text/utc.ts'
import type { Came, History } from './history.ts'

/** What a way back takes back, where it follows when the trouble began. */
export type TakenBack = {
  /**
   * The services that go back, and when the oldest change came that is taken back with each of them: what was there
   * before is a way back. `null`: the newest release alone is taken back.
   */
  readonly since: ReadonlyMap<string, number> | null
  /** Services that stay, with the change that came after the trouble began. */
  readonly later: ReadonlyMap<string, string>
  /** Which change precedes the trouble, or why that is not known; `null`: it is the newest one. */
  readonly says: string | null
}

/** In words; `null`: there is nothing to say. */
export function saidOf(takenBack: TakenBack | null): TakesBack | null {
  if (!takenBack || takenBack.says === null) return null
  return { says: takenBack.says, isCause: takenBack.since !== null }
}

/** Changes of several services that came together. */
type Release = readonly (Came & { readonly service: string })[]

const NEWEST: TakenBack = { since: null, later: new Map(), says: null }

/** Clocks differ by so much. */
export const CLOCK_MS = 60_000

/**
 * What is taken back is the change that precedes the trouble. Of what came later only that goes with it which is of
 * the same services, or came together with such. Nothing is guessed: where it is not known which change it is, the
 * newest release is taken back, and that is said.
 */
export function takenBackBy(
  began: TroubleBegan | null,
  histories: readonly History[],
  windowMs: number,
): TakenBack {
  if (began === null) return newest('When the trouble began is not known')
  const when = whenInWords(began)
  const { after } = began
  const releases = cameTogether(histories, windowMs)
  const isLater = (one: Came) => one.afterMs > toMs(began.by) + CLOCK_MS
  const at = releases.findIndex((release) => !release.every(isLater))
  if (after === null) {
    // What was there all the time is no news: of it nothing newer can be the cause.
    return at === 0 ? NEWEST : newest(`The trouble is older than ${utcDayAndTime(began.by)}`)
  }
  const [suspect, older = []] = at < 0 ? [] : releases.slice(at)
  if (!suspect) return newest(`The trouble began ${when}, before every change that is known`)
  const unsure = suspect.filter(({ byMs }) => byMs > toMs(began.by) + CLOCK_MS)
  if (unsure.length > 0) {
    return newest(`Whether ${namesOf(unsure)} came before the trouble began (${when}) is not known`)
  }
  const isWithin = ({ byMs }: Came) => byMs >= toMs(after) - CLOCK_MS
  if (suspect.some(isWithin) && older.some(isWithin)) {
    const both = `${cameInWords(older)} and ${cameInWords(suspect)}`
    return newest(`The trouble began ${when}. Which of ${both} precedes it is not known`)
  }
  if (at === 0) return NEWEST
  const hasBefore = ({ service, byMs }: Release[number]) =>
    histories.some((one) => one.service === service && one.came.some((came) => came.byMs < byMs))
  const back = suspect.filter(hasBefore)
  if (back.length === 0) {
    return newest(
      `The trouble began ${when}, and what ran before ${cameInWords(suspect)} is not kept`,
    )
  }
  return following(suspect, releases.slice(0, at), when)
}

function newest(why: string): TakenBack {
  return { ...NEWEST, says: `${why}: the newest change is taken back.` }
}

function following(suspect: Release, later: readonly Release[], when: string): TakenBack {
  const since = new Map(suspect.map(({ service, byMs }) => [service, byMs]))
  for (let size = 0; size < since.size;) {
    size = since.size
    for (const release of later) {
      if (!release.some(({ service }) => since.has(service))) continue
      for (const { service, byMs } of release) {
        since.set(service, Math.min(byMs, since.get(service) ?? Infinity))
      }
    }
  }
  const newer = later.flat()
  const stay = newer.filter(({ service }) => !since.has(service)).toReversed()
  const says = [
    `The trouble began ${when}, after ${cameInWords(suspect)}: what ran before that is the way back.`,
    `${later.toReversed().map(cameInWords).join(' and ')} came only later, and ${newer.length === 1 ? 'is' : 'are'} not the cause.`,
  ].join(' ')
  return { since, later: new Map(stay.map(({ service, name }) => [service, name])), says }
}

/** The newest first. What a service came to run twice within the time is two releases. */
function cameTogether(histories: readonly History[], windowMs: number): readonly Release[] {
  const all = histories.flatMap(({ service, came }) => came.map((one) => ({ ...one, service })))
  const releases: Release[] = []
  for (const one of all.toSorted((a, b) => b.byMs - a.byMs || 0)) {
    const newer = releases.at(-1)
    const last = newer?.at(-1)
    const isOfIt =
      last !== undefined &&
      last.byMs - one.byMs <= windowMs &&
      newer?.every(({ service }) => service !== one.service)
    if (newer && isOfIt) releases[releases.length - 1] = [...newer, one]
    else releases.push([one])
  }
  return releases
}

function whenInWords({ after, by }: TroubleBegan): string {
  const until = utcDayAndTime(by)
  if (after === null) return `before ${until}`
  const from = utcDayAndTime(after)
  const isSameDay = after.slice(0, 10) === by.slice(0, 10)
  return `between ${from.slice(0, 16)} and ${isSameDay ? until.slice(11) : until}`
}

/** "backend v1.9.1 and frontend v1.9.1 (2026-11-20 09:04 UTC)" */
function cameInWords(release: Release): string {
  const [first] = release.toSorted((a, b) => a.byMs - b.byMs || 0)
  if (!first || first.byMs === Infinity) return namesOf(release)
  const isKnown = first.byMs - first.afterMs <= CLOCK_MS
  return `${namesOf(release)} (${isKnown ? '' : 'at the latest '}${utcDayAndTime(toIso(first.byMs))})`
}

function namesOf(release: readonly Came[]): string {
  return release
    .map(({ name }) => name)
    .toReversed()
    .join(' and ')
}
