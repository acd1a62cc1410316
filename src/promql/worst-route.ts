import type { MetricsSettings } from '../domain/assessment/settings.ts'
import { narrowed } from './narrow.ts'
import { sumByIncrease, sumOfRate } from './read-query.ts'

/**
 * How often the route answered 5xx on which most do, and how often it was asked at all. `null`: the queries are not of
 * the shipped shape.
 */
export function worstRouteQueries({
  failedRoutes,
  traffic,
}: Pick<MetricsSettings, 'failedRoutes' | 'traffic'>): {
  readonly label: string
  readonly failed: string
  readonly requests: string
} | null {
  const [counted, whole] = [sumByIncrease(failedRoutes), sumOfRate(traffic)?.selector.text]
  const [label, status, ...more] = counted?.by ?? []
  if (!counted || !whole || label === undefined || status === undefined || more.length > 0)
    return null
  const over = (selector: string) =>
    `sum by (${label}) (increase(${selector}[${Math.round(counted.windowMs / 1_000)}s]))`
  const failed = `topk(1, ${over(narrowed(counted.selector.text, `${status}=~"5.."`))} > 0)`
  return { label, failed, requests: `${over(whole)} and on (${label}) ${failed}` }
}
