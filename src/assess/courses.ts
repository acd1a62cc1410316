import type { MetricsSettings } from '../domain/assessment/settings.ts'
import type { Course, Trouble } from '../domain/assessment/onset.ts'
import { measuredOverMs } from '../domain/assessment/query-window.ts'
import { courseQuery } from '../domain/assessment/watch-window.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import type { Window } from '../domain/chart/chart.ts'
import type { Metrics } from '../ports/metrics.ts'
import { quantileOfEither } from '../promql/buckets.ts'
import { narrowed } from '../promql/narrow.ts'
import { seriesIn } from './range-series.ts'

const STEP_MS = 60_000
const BACK_MS = 6 * 60 * 60_000

/** How each quantity went over the last hours, more of it being worse; what is not answered is left out. */
export type Courses = Partial<Record<Trouble, Course>>

type Values = readonly (number | null)[]

/**
 * Asked beside the probes, within their deadline. `service`: of that one alone, by the label of the settings; where its
 * numbers do not have it, nothing. Never throws.
 */
export async function readCourses(
  metrics: Metrics | null,
  settings: MetricsSettings,
  { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
  service: string | null = null,
): Promise<Courses> {
  if (!metrics) return {}
  const match = service === null ? null : `${settings.serviceLabel}=${JSON.stringify(service)}`
  const toMs = Math.floor(nowMs / STEP_MS) * STEP_MS
  const window: Window = { fromMs: toMs - BACK_MS, toMs, stepMs: STEP_MS }
  const over = { ...window, stepSeconds: STEP_MS / 1_000, signal }

  const asking = metrics
  async function ask(
    name: 'traffic' | 'errors' | 'logins' | 'loginFailures' | 'p95' | 'clientErrors',
  ): Promise<Course | null> {
    const asked = courseQuery(narrowed(settings[name], match), settings)
    const query = name === 'p95' ? quantileOfEither(asked) : asked
    const overMs = measuredOverMs(asked, settings.recordedWindowSeconds * 1_000)
    try {
      const json = await untilAborted(asking.range(query, over), signal)
      return { values: seriesIn(json, window).values, fromMs: over.fromMs, stepMs: STEP_MS, overMs }
    } catch {
      // That Prometheus cannot be asked is said by the probes; nothing is concluded from silence (J10).
      return null
    }
  }

  const [traffic, errors, logins, loginFailures, p95, clientErrors] = await Promise.all([
    ask('traffic'),
    ask('errors'),
    ask('logins'),
    ask('loginFailures'),
    ask('p95'),
    ask('clientErrors'),
  ])
  const { minimumRequestsPerSecond: few, minimumLoginsPerSecond: fewLogins } = settings
  return {
    ...(errors && traffic && { errors: percentages(errors, traffic, few) }),
    ...(loginFailures && logins && { logins: percentages(loginFailures, logins, fewLogins) }),
    ...(p95 && { latency: p95 }),
    ...(clientErrors && traffic && { 'client-errors': percentages(clientErrors, traffic, few) }),
    // Fewer requests are worse.
    ...(traffic && { traffic: { ...traffic, values: traffic.values.map(negative) } }),
  }
}

function percentages(part: Course, whole: Course, fewest: number): Course {
  const values: Values = whole.values.map((all, index) => {
    const some = part.values[index] ?? null
    return all === null || some === null || all < fewest ? null : (100 * some) / all
  })
  return { ...part, values, overMs: Math.max(part.overMs, whole.overMs) }
}

function negative(value: number | null): number | null {
  return value === null ? null : -value
}
