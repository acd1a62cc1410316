import type { MetricsSettings } from '../domain/assessment/settings.ts'
import { overAtMost } from '../domain/assessment/query-window.ts'
import { watchWindow } from '../domain/assessment/watch-window.ts'
import { Fault } from '../domain/base/fault.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import { stepsIn, type Gap, type Panel, type Window } from '../domain/chart/chart.ts'
import type { Metrics } from '../ports/metrics.ts'
import { quantileOfEither } from '../promql/buckets.ts'
import { seriesIn, type Series } from './range-series.ts'

type Found =
  | { readonly kind: 'series'; readonly series: Series }
  | { readonly kind: 'fault'; readonly error: unknown }

/**
 * The numbers of an incident over its time. What one query does not tell is missing, and said; when none of
 * them is answered, this throws the first `Fault`.
 */
export async function measureChart(
  metrics: Metrics,
  settings: MetricsSettings,
  window: Window,
  {
    slowestScrapeMs,
    signal,
  }: { readonly slowestScrapeMs: number | null; readonly signal: AbortSignal },
): Promise<readonly Panel[]> {
  const over = { ...window, stepSeconds: window.stepMs / 1_000, signal }
  const ask = async (query: string): Promise<Found> => {
    try {
      const json = await untilAborted(metrics.range(query, over), signal)
      return { kind: 'series', series: seriesIn(json, window) }
    } catch (error) {
      return { kind: 'fault', error }
    }
  }
  const { errors, traffic, p95 } = chartQueries(settings, window, slowestScrapeMs)
  const [part, whole, latency, users] = await Promise.all(
    [errors, traffic, quantileOfEither(p95), settings.activeUsers].map(ask),
  )
  if (!part || !whole || !latency || !users) return []
  const first = [part, whole, latency, users].find(({ kind }) => kind === 'fault')
  if (
    first?.kind === 'fault' &&
    [part, whole, latency, users].every(({ kind }) => kind === 'fault')
  ) {
    throw first.error
  }
  return [
    ratio(part, whole, settings.minimumRequestsPerSecond, window),
    panelOf('latency', latency, window),
    panelOf('users', users, window),
  ]
}

/**
 * As short as the watch asks, so that what a rollback cured is seen to be cured; in the windows of the
 * settings where the steps are wider, so that nothing between two of them is missed.
 */
export function chartQueries(
  settings: MetricsSettings,
  { stepMs }: Pick<Window, 'stepMs'>,
  slowestScrapeMs: number | null,
): Pick<MetricsSettings, 'errors' | 'traffic' | 'p95'> {
  const { errors, traffic, windowMs } = watchWindow(settings, slowestScrapeMs)
  if (stepMs > windowMs) return settings
  return {
    errors,
    traffic,
    p95: overAtMost(settings.p95, windowMs) ?? settings.p95,
  }
}

function panelOf(id: Panel['id'], found: Found, window: Window): Panel {
  const { values, remark } = seriesOf(found, window)
  return { id, values: values.map((value) => value ?? 'no-data'), remark }
}

function ratio(part: Found, whole: Found, minimum: number, window: Window): Panel {
  const [failed, all] = [seriesOf(part, window), seriesOf(whole, window)]
  const values = all.values.map((count, index): number | Gap => {
    const errors = failed.values[index] ?? null
    if (count === null || errors === null) return 'no-data'
    return count < minimum ? 'no-traffic' : (100 * errors) / count
  })
  return { id: 'errors', values, remark: failed.remark ?? all.remark }
}

function seriesOf(found: Found, window: Window): Series {
  if (found.kind === 'series') return found.series
  const { error } = found
  const why = error instanceof Fault ? error.detail : 'the answer cannot be read'
  const values = Array.from<null>({ length: stepsIn(window) }).fill(null)
  return { values, remark: `its query was not answered: ${why}` }
}
