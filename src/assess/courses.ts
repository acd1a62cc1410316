import type { MetricsSettings } from '../domain/assessment/settings.ts'
import type { Course, Trouble } from '../domain/assessment/onset.ts'
import { measuredOverMs } from '../domain/assessment/query-window.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import type { Window } from '../domain/chart/chart.ts'
import type { Metrics } from '../ports/metrics.ts'
import { seriesIn } from './range-series.ts'

const STEP_MS = 60_000
const BACK_MS = 6 * 60 * 60_000

/** How each quantity went over the last hours, more of it being worse; what is not answered is left out. */
export type Courses = Partial<Record<Trouble, Course>>

/** Asked beside the probes, within their deadline. Never throws. */
export async function readCourses(
  metrics: Metrics | null,
  settings: MetricsSettings,
  { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
): Promise<Courses> {
  if (!metrics) return {}
  const toMs = Math.floor(nowMs / STEP_MS) * STEP_MS
  const window: Window = { fromMs: toMs - BACK_MS, toMs, stepMs: STEP_MS }
  const ask = async (query: string): Promise<Values> => {
    try {
      const over = { ...window, stepSeconds: STEP_MS / 1_000, signal }
      return seriesIn(await untilAborted(metrics.range(query, over), signal), window).values
    } catch {
      // That Prometheus cannot be asked is said by the probes; nothing is concluded from silence (J10).
      return null
    }
  }
  const { traffic, errors, logins, loginFailures, p95, clientErrors } = settings
  const [all, failed, tried, refused, slow, rejected] = await Promise.all(
    [traffic, errors, logins, loginFailures, p95, clientErrors].map(ask),
  )
  const { minimumRequestsPerSecond: few, minimumLoginsPerSecond: fewLogins } = settings
  const course = (values: Values, query: string): Course | undefined => {
    const overMs = measuredOverMs(query, settings.recordedWindowSeconds * 1_000)
    return values ? { values, fromMs: window.fromMs, stepMs: STEP_MS, overMs } : undefined
  }
  return withoutGaps({
    errors: course(percentages(failed, all, few), errors),
    logins: course(percentages(refused, tried, fewLogins), loginFailures),
    latency: course(slow ?? null, p95),
    'client-errors': course(percentages(rejected, all, few), clientErrors),
    // Fewer requests are worse.
    traffic: course(all?.map((value) => (value === null ? null : -value)) ?? null, traffic),
  })
}

type Values = readonly (number | null)[] | null

function percentages(part: Values | undefined, whole: Values | undefined, fewest: number): Values {
  if (!part || !whole) return null
  return whole.map((all, index) => {
    const some = part[index] ?? null
    return all === null || some === null || all < fewest ? null : (100 * some) / all
  })
}

function withoutGaps(all: { readonly [K in Trouble]: Course | undefined }): Courses {
  return Object.fromEntries(Object.entries(all).filter(([, course]) => course !== undefined))
}
