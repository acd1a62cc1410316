import type { Measurement } from '../domain/assessment/measurement.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import { overallVerdict, type Verdict } from '../domain/assessment/verdict.ts'
import { watchWindow } from '../domain/assessment/watch-window.ts'
import { WATCH, type Look } from '../domain/watch/watch.ts'
import type { World } from '../ports/world.ts'
import { activeUsersNearBaseline } from './probes/active-users-near-baseline.ts'
import { databaseAnswering } from './probes/database-answering.ts'
import { errorRatioLow } from './probes/error-ratio-low.ts'
import { healthPassing } from './probes/health-passing.ts'
import { metricsFresh } from './probes/metrics-fresh.ts'
import { versionKnown } from './probes/version-known.ts'
import { slowestScrapeMs } from './slowest-scrape.ts'
import { takeMeasurements } from './take-measurements.ts'

/** The runbook's four, and the version. */
const WATCHED = [
  healthPassing,
  errorRatioLow,
  activeUsersNearBaseline,
  databaseAnswering,
  metricsFresh,
  versionKnown,
]

/** People come back slowly, and some pages tell no version: shown, and not judged. */
const TOLD_ONLY: ReadonlySet<string> = new Set([activeUsersNearBaseline.id, versionKnown.id])

/** Its number is a rate over some time: right after a run it still measures the time before. */
const OVER_TIME: ReadonlySet<string> = new Set([errorRatioLow.id])

/** How often the slowest target is scraped, in milliseconds; `null`: it is not known. Never throws. */
export type ReadScrape = (signal: AbortSignal) => Promise<number | null>

/** One look at whether production does well after a rollback. Never throws. */
export async function lookAt(
  world: World,
  settings: AssessSettings,
  cancelled: AbortSignal,
  readScrape: ReadScrape = (signal) => slowestScrapeMs(world.metrics, signal),
): Promise<Omit<Look, 'due'>> {
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
    ...(isSlow ? { settling: { untilMs: settlesMs, verdict: verdictOf(atOnce) } } : {}),
    lines: measurements.map(({ probe, target, verdict, summary, value }) => ({
      probe,
      target,
      verdict,
      says: summary,
      version: probe === versionKnown.id && typeof value === 'string' ? value : null,
    })),
  }
}

function verdictOf(measurements: readonly Measurement[]): Verdict {
  return overallVerdict(measurements.map(({ verdict }) => verdict))
}
