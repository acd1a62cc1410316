import type { Measurement } from '../domain/assessment/measurement.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import { overallVerdict, type Verdict } from '../domain/assessment/verdict.ts'
import { watchWindow } from '../domain/assessment/watch-window.ts'
import type { LookPart } from '../domain/watch/schedule.ts'
import { WATCH, type Look } from '../domain/watch/watch.ts'
import type { World } from '../ports/world.ts'
import { activeUsersNearBaseline } from './probes/active-users-near-baseline.ts'
import { DAY_PROBES } from './day-probes.ts'
import { AT_THIS_HOUR_YESTERDAY, inconclusive } from './probe.ts'
import { databaseAnswering } from './probes/database-answering.ts'
import { errorRatioWatched } from './probes/error-ratio-low.ts'
import { healthPassing } from './probes/health-passing.ts'
import { latencyNearBaseline } from './probes/latency-near-baseline.ts'
import { loginsSucceeding } from './probes/logins-succeeding.ts'
import { metricsFresh } from './probes/metrics-fresh.ts'
import { tenantsApart } from './probes/tenants-apart.ts'
import { versionKnown } from './probes/version-known.ts'
import { slowestScrapeMs } from './slowest-scrape.ts'
import { takeMeasurements } from './take-measurements.ts'

/** The runbook's four, what one organisation sees of another, and the version. */
const WATCHED = [
  healthPassing,
  errorRatioWatched,
  activeUsersNearBaseline,
  databaseAnswering,
  tenantsApart,
  metricsFresh,
  versionKnown,
]

/**
 * What the runbook watches for a day beside them. That something of it is bad counts; that it cannot be
 * measured is shown, and counts neither way: not every team has each of these numbers.
 */
const ALL_DAY = [latencyNearBaseline, loginsSucceeding, ...DAY_PROBES]

/** People come back slowly, and some pages tell no version: shown, and not judged. */
const TOLD_ONLY: ReadonlySet<string> = new Set([activeUsersNearBaseline.id, versionKnown.id])

/** Its number is a rate over some time: right after a run it still measures the time before. */
const OVER_TIME: ReadonlySet<string> = new Set([errorRatioWatched.id])

/** How often the slowest target is scraped, in milliseconds; `null`: it is not known. Never throws. */
export type ReadScrape = (signal: AbortSignal) => Promise<number | null>

/** One look at whether production does well after a rollback. Never throws. */
export async function lookAt(
  world: World,
  settings: AssessSettings,
  cancelled: AbortSignal,
  options: { readonly part?: LookPart; readonly readScrape?: ReadScrape } = {},
): Promise<Omit<Look, 'due'>> {
  const { part = 'half-hour', readScrape = (signal) => slowestScrapeMs(world.metrics, signal) } =
    options
  if (part !== 'half-hour') return lookOverADay(world, settings, cancelled, part)
  const deadline = AbortSignal.any([AbortSignal.timeout(settings.deadlineMs), cancelled])
  const window = watchWindow(settings.metrics, await readScrape(deadline))
  const { errors, traffic, settlesMs } = window
  const recent = { ...settings, metrics: { ...settings.metrics, errors, traffic } }
  const measurements = await takeMeasurements(WATCHED, world, recent, cancelled)
  const judged = measurements.filter(({ probe }) => !TOLD_ONLY.has(probe))
  const atOnce = judged.filter(({ probe }) => !OVER_TIME.has(probe))
  const isSlow = atOnce.length < judged.length && settlesMs > WATCH.settlesMs
  return {
    verdict: verdictOf(judged),
    ...leakIn(measurements),
    ...(isSlow ? { settling: { untilMs: settlesMs, verdict: verdictOf(atOnce) } } : {}),
    lines: linesOf(measurements),
  }
}

/** In the windows of the settings: what lies between two of these looks is measured too. */
async function lookOverADay(
  world: World,
  settings: AssessSettings,
  cancelled: AbortSignal,
  part: Exclude<LookPart, 'half-hour'>,
): Promise<Omit<Look, 'due'>> {
  const taken = await takeMeasurements([...WATCHED, ...ALL_DAY], world, settings, cancelled)
  const measurements = part === 'day' ? taken : taken.map(withoutYesterday)
  return { ...overADay(measurements), ...leakIn(measurements), lines: linesOf(measurements) }
}

/** Held against the outage itself, a production that does well would look bad, and a bad one well. */
function withoutYesterday(one: Measurement): Measurement {
  const isOfYesterday =
    one.detail?.baseline?.of === 'yesterday' || one.summary.endsWith(AT_THIS_HOUR_YESTERDAY)
  if (one.class !== 'value' || !isOfYesterday) return one
  return {
    ...one,
    ...inconclusive('no-data', 'not compared: yesterday the incident was under way'),
  }
}

/** Seen once, it is seen: nobody waits for a second look. */
function leakIn(measurements: readonly Measurement[]): Pick<Look, 'leak'> {
  const isSeen = measurements.some(
    ({ probe, verdict }) => probe === tenantsApart.id && verdict === 'degraded',
  )
  return isSeen ? { leak: true } : {}
}

function linesOf(measurements: readonly Measurement[]): Look['lines'] {
  return measurements.map(({ probe, target, verdict, summary, value }) => ({
    probe,
    target,
    verdict,
    says: summary,
    version: probe === versionKnown.id && typeof value === 'string' ? value : null,
  }))
}

/** Over a day there are hours in which nobody comes: what had nothing to measure is no trouble. */
function overADay(measurements: readonly Measurement[]): Pick<Look, 'verdict' | 'quiet'> {
  const always = measurements.filter(({ probe }) => {
    return WATCHED.some(({ id }) => id === probe) && !TOLD_ONLY.has(probe)
  })
  const verdict = verdictOf(always)
  const more = measurements.filter(({ probe }) => ALL_DAY.some(({ id }) => id === probe))
  if (verdictOf(more) === 'degraded') return { verdict: 'degraded' }
  const silent = always.filter((one) => one.verdict !== 'healthy')
  // Nobody comes at this hour, and at this hour yesterday nobody did: else people are kept out.
  const peopleMissing = measurements.some(
    (one) => one.probe === activeUsersNearBaseline.id && one.verdict === 'degraded',
  )
  const isQuiet = !peopleMissing && silent.every((one) => one.class === 'no-traffic')
  return verdict === 'inconclusive' && isQuiet ? { verdict, quiet: true } : { verdict }
}

function verdictOf(measurements: readonly Measurement[]): Verdict {
  return overallVerdict(measurements.map(({ verdict }) => verdict))
}
