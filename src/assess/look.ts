import { overTheLastMinute } from '../domain/assessment/one-minute-window.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import { overallVerdict } from '../domain/assessment/verdict.ts'
import type { Look } from '../domain/watch/watch.ts'
import type { World } from '../ports/world.ts'
import { activeUsersNearBaseline } from './probes/active-users-near-baseline.ts'
import { databaseAnswering } from './probes/database-answering.ts'
import { errorRatioLow } from './probes/error-ratio-low.ts'
import { healthPassing } from './probes/health-passing.ts'
import { metricsFresh } from './probes/metrics-fresh.ts'
import { versionKnown } from './probes/version-known.ts'
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

/** One look at whether production does well after a rollback. Never throws. */
export async function lookAt(
  world: World,
  settings: AssessSettings,
  cancelled: AbortSignal,
): Promise<Omit<Look, 'due'>> {
  const { metrics } = settings
  const recent = {
    ...settings,
    metrics: {
      ...metrics,
      errors: overTheLastMinute(metrics.errors),
      traffic: overTheLastMinute(metrics.traffic),
    },
  }
  const measurements = await takeMeasurements(WATCHED, world, recent, cancelled)
  const judged = measurements.filter(({ probe }) => !TOLD_ONLY.has(probe))
  return {
    verdict: overallVerdict(judged.map(({ verdict }) => verdict)),
    lines: measurements.map(({ probe, target, verdict, summary, value }) => ({
      probe,
      target,
      verdict,
      says: summary,
      version: probe === versionKnown.id && typeof value === 'string' ? value : null,
    })),
  }
}
