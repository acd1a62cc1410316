import type { MetricsSettings } from '../domain/assessment/settings.ts'
import type { Histogram } from './buckets.ts'
import type { Counted } from './count.ts'
import { quantileOfBuckets, sumOfRate } from './read-query.ts'

/** `null`: nothing can be derived of queries that are not of the shipped kind. */
export function ratioCounts(
  { part, whole, beside }: Pick<Counted, 'part' | 'whole' | 'beside'>,
  { by, match }: Pick<Counted, 'by' | 'match'>,
): Counted | null {
  const [failed, all] = [sumOfRate(part), sumOfRate(whole)]
  if (!failed || !all || failed.windowMs !== all.windowMs) return null
  const windowSeconds = Math.round(all.windowMs / 1_000)
  const more = beside === undefined ? null : sumOfRate(beside)
  return {
    part: failed.selector.text,
    whole: all.selector.text,
    ...(more && more.windowMs === all.windowMs ? { beside: more.selector.text } : {}),
    windowSeconds,
    by,
    match,
  }
}

/** `null`: the queries are not of one histogram, in the shape of the shipped ones. */
export function histogramOf({
  p95,
  p95BeforeDeploy,
  p95Yesterday,
  serviceLabel: by,
}: Pick<
  MetricsSettings,
  'p95' | 'p95BeforeDeploy' | 'p95Yesterday' | 'serviceLabel'
>): Histogram | null {
  const [now, ...before] = [p95, p95BeforeDeploy, p95Yesterday].map(quantileOfBuckets)
  const metric = now?.selector.metric
  if (!now || !metric) return null
  if (before.some((one) => one?.selector.text !== now.selector.text)) return null
  const { quantile, windowMs, selector } = now
  const windowSeconds = Math.round(windowMs / 1_000)
  return { buckets: selector.text, metric, quantile, windowSeconds, by }
}
