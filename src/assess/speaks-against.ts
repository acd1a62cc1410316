import { againstChange, type Against, type Changed } from '../domain/assessment/cause.ts'
import type { Conclusion } from './conclude.ts'
import type { Measurement } from '../domain/assessment/measurement.ts'
import { onsetOf, type Onset, type Trouble } from '../domain/assessment/onset.ts'
import type { RuleId } from '../domain/assessment/rule.ts'
import type { MatrixSettings } from '../domain/assessment/settings.ts'
import type { Feasibility } from '../domain/plan/feasibility.ts'
import { inDigits } from '../domain/text/amounts.ts'
import { inRoundWords } from '../domain/text/duration.ts'
import { utcDayAndTime } from '../domain/text/utc.ts'
import type { NewestChange } from '../domain/workload/newest-change.ts'
import type { Answered, Apart } from './by-instance.ts'
import type { DownSince } from './dependencies-since.ts'
import type { Courses } from './courses.ts'
import { isOver } from './over-since.ts'
import { round } from './ratio.ts'

/** In which number the trouble of a rule is to be seen; of several, the first one that shows it. */
const SEEN_IN: Partial<Record<RuleId, readonly Trouble[]>> = {
  'complete-outage': ['errors', 'traffic'],
  'errors-critical': ['errors'],
  'login-failures-critical': ['logins', 'errors'],
  'latency-high': ['latency'],
  'rollout-unfinished': ['errors', 'latency'],
  'errors-elevated': ['errors'],
  'login-failures-elevated': ['logins', 'errors'],
  'partial-outage': ['errors', 'traffic'],
  'active-users-down': ['traffic', 'errors'],
  'latency-elevated': ['latency'],
  'client-errors-up': ['client-errors'],
  'traffic-down': ['traffic'],
  'targets-down': ['errors', 'traffic'],
}

/** When the trouble of the first rule that a number shows began; `null`: no number shows it. */
export function onsetIn(
  courses: Courses,
  reasons: readonly RuleId[],
  limits: MatrixSettings,
): Onset | null {
  for (const trouble of reasons.flatMap((reason) => SEEN_IN[reason] ?? [])) {
    const course = courses[trouble]
    const onset = course && onsetOf(trouble, course, badIn(trouble, course.values, limits))
    if (onset) return onset
  }
  return null
}

function badIn(trouble: Trouble, values: readonly (number | null)[], limits: MatrixSettings) {
  switch (trouble) {
    case 'errors':
      return { atLeast: 1, badFrom: limits.errorsElevatedPercent }
    case 'logins':
      return { atLeast: 1, badFrom: limits.loginFailuresElevatedPercent }
    case 'client-errors':
      return { atLeast: limits.clientErrorsUpPoints / 2 }
    default: {
      // In units of its own: a fifth of the most there was is no noise.
      const sizes = values.flatMap((value) => (value === null ? [] : [Math.abs(value)]))
      const usual = sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 0
      return { atLeast: usual * 0.15 }
    }
  }
}

type Known = {
  readonly onset: Onset | null
  readonly apart: Apart
  readonly measurements: readonly Measurement[]
  readonly changed: Changed
  readonly limits: MatrixSettings
  readonly procedures: readonly Feasibility[]
  readonly downSince: DownSince
}

/** What speaks against a rollback, the strongest first; nothing where no rule calls for acting. */
export function speaksAgainst({ decision, reasons }: Conclusion, known: Known): readonly Against[] {
  const [deciding] = reasons
  const seenIn = deciding && SEEN_IN[deciding]
  if (decision === 'do-not' || !seenIn) return []
  const { onset, changed } = known
  // What is counted tells it to a quarter of a minute, a course to two.
  const over = measuredOver(deciding, known) ?? onset?.overSince
  return [
    ...(over ? [{ kind: 'over' as const, says: `It is over since ${utcDayAndTime(over)}.` }] : []),
    ...(onset
      ? againstChange(onset, changed, {
          isTakenBack: known.procedures.some(takesCauseBack),
          at: utcDayAndTime,
          long: inRoundWords,
        })
      : []),
    ...dependenciesDown(known),
    ...(seenIn.includes('errors') ? inOneOrBoth(known) : []),
  ]
}

type ElevatedFrom = 'errorsElevatedPercent' | 'loginFailuresElevatedPercent'

/** In which measurement the short window beside the long one tells that it is over. */
const OVER_IN: Partial<Record<RuleId, readonly [probe: string, limit: ElevatedFrom]>> = {
  'errors-elevated': ['error-ratio-low', 'errorsElevatedPercent'],
  'login-failures-elevated': ['logins-succeeding', 'loginFailuresElevatedPercent'],
}

/** Where it goes on in one of the services, it is over in none. */
function measuredOver(deciding: RuleId, { measurements, limits }: Known): string | null {
  const [asked, limit] = OVER_IN[deciding] ?? []
  const { detail } = measurements.find(({ probe }) => probe === asked) ?? {}
  if (!detail?.overSince || limit === undefined) return null
  const goesOn = detail.services?.some(({ percent, windows }) => {
    const beside = windows.filter(({ seconds }) => seconds < 3_600)
    return (percent ?? 0) >= limits[limit] && !isOver(beside, limits[limit])
  })
  return goesOn ? null : detail.overSince
}

/** Then it is no matter that the newest change is not the cause. */
function takesCauseBack({ feasible, takesBack }: Feasibility): boolean {
  return feasible && takesBack?.isCause === true
}

const DEPENDENCIES = ['database-answering', 'cache-answering']

/** What services depend on is down: that explains much, and a rollback does not mend it. */
function dependenciesDown({ measurements, downSince }: Known): readonly Against[] {
  return measurements
    .filter(({ probe }) => DEPENDENCIES.includes(probe))
    .filter(({ verdict }) => verdict === 'degraded' || verdict === 'unreachable')
    .map(({ probe, target, summary }) => {
      const what = summary.includes(target) ? summary : `${target} ${summary}`
      const since = sinceInWords(downSince, probe)
      return {
        kind: 'dependency-down',
        says: `${target} is in trouble${since}, which explains it: ${what}.`,
      }
    })
}

function sinceInWords(downSince: DownSince, probe: string): string {
  const since = Object.entries(downSince).find(([name]) => name === probe)?.[1]
  if (!since) return ''
  return since.after === null
    ? ` for longer than since ${utcDayAndTime(since.by)}`
    : ` since ${utcDayAndTime(since.by)}`
}

/** Fewer requests say nothing about one of them. */
const ENOUGH = 50

function inOneOrBoth({ apart, changed, limits }: Known): readonly Against[] {
  const limit = limits.errorsElevatedPercent
  const instances = apart.instances.filter(({ requests }) => requests >= ENOUGH)
  const failing = instances.filter((one) => percentOf(one) >= limit)
  const [only] = failing
  const others = instances.filter((one) => one !== only)
  const one: readonly Against[] =
    only && failing.length === 1 && others.length > 0 && !isOneVersionEach(apart, instances)
      ? [
          {
            kind: 'one-instance',
            says: `Only one instance fails: ${shares([only, ...others.slice(0, 1)])}.`,
          },
        ]
      : []
  return [...one, ...oneRoute(apart, limit), ...oldToo(apart, changed.newest, limit)]
}

/** Nearly all that fail are of it. */
const NEARLY_ALL = 0.95
/** Fewer failures may be of one route by chance. */
const ENOUGH_FAILED = 20

/** One of several routes, and none that is most of what is asked. */
function oneRoute({ worstRoute, all }: Apart, limit: number): readonly Against[] {
  if (!worstRoute || worstRoute.failed < Math.max(ENOUGH_FAILED, NEARLY_ALL * all.failed)) return []
  const others = all.requests - worstRoute.requests
  if (percentOf(worstRoute) < limit || others < Math.max(ENOUGH, worstRoute.requests)) return []
  // A label is somebody else's text: only a plain path is told.
  const name = /^[\w./:{}*-]{1,60}$/.test(worstRoute.name) ? worstRoute.name : 'one of them'
  const says = `Only one route fails: ${shares([{ ...worstRoute, name }])}, and hardly any of ${inDigits(others)} other requests.`
  return [{ kind: 'one-route', says }]
}

/** A new version that runs once beside the old one is no broken instance. */
function isOneVersionEach({ versions }: Apart, instances: readonly Answered[]): boolean {
  return versions.length > 1 && versions.length === instances.length
}

/** What ran before the newest change fails as well, over the same minutes. */
function oldToo(
  { versions }: Apart,
  changes: readonly NewestChange[],
  limit: number,
): readonly Against[] {
  const enough = versions.filter(({ requests }) => requests >= ENOUGH)
  const isNew = ({ name }: Answered) =>
    changes.some(({ images }) => images.some((image) => image.endsWith(`:${name}`)))
  const [now, before] = [enough.find(isNew), enough.find((one) => !isNew(one))]
  if (!now || !before || percentOf(before) < Math.max(limit, percentOf(now) / 2)) return []
  return [
    { kind: 'old-version-too', says: `The version before fails too: ${shares([now, before])}.` },
  ]
}

function percentOf({ failed, requests }: Answered): number {
  return requests === 0 ? 0 : (100 * failed) / requests
}

/** "v2.0.0 62 % of 1200, v1.9.0 0.1 % of 1310" */
function shares(all: readonly Answered[]): string {
  return all.map((one) => `${one.name} ${round(percentOf(one), 1)} % of ${one.requests}`).join(', ')
}
