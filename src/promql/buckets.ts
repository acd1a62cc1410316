import { askedTogether } from './ask-together.ts'
import { BASELINE_OFFSETS, LONG_SECONDS } from './count.ts'

/** A histogram with buckets, as a selector of them. */
export type Histogram = {
  readonly buckets: string
  /** The name of its metric, with the ending of the buckets. */
  readonly metric: string
  readonly windowSeconds: number
  readonly quantile: number
}

/** Of a native histogram. A summary may be called so too: of it nothing is left. */
function nativeOver({ buckets, metric }: Histogram, range: string): string {
  const grown = `increase(${withoutEnding(metric)}${buckets.slice(metric.length)}${range})`
  return `sum(${grown} and histogram_count(${grown}))`
}

function withoutEnding(metric: string): string {
  return metric.replace(/_bucket$/, '')
}

/** What one time tells: the buckets, the sum of all durations, and the same of a native histogram. */
function over(histogram: Histogram, name: string, range: string) {
  const { buckets, metric, quantile } = histogram
  const sum = `${withoutEnding(metric)}_sum${buckets.slice(metric.length)}`
  const native = nativeOver(histogram, range)
  return {
    [`buckets ${name}`]: `sum by (le) (increase(${buckets}${range}))`,
    [`sum ${name}`]: `sum(increase(${sum}${range}))`,
    [`native ${name}`]: `histogram_quantile(${quantile}, ${native})`,
    [`native-count ${name}`]: `histogram_count(${native})`,
    [`native-sum ${name}`]: `histogram_sum(${native})`,
  }
}

/**
 * The native histogram of now stands at the end as it is: its buckets tell how wide all of them are. Not every version
 * of Prometheus keeps it one that gets a label.
 */
export function bucketQuery(histogram: Histogram): string {
  const { buckets, metric, windowSeconds } = histogram
  const native = `${withoutEnding(metric)}${buckets.slice(metric.length)}`
  const hour = `[${LONG_SECONDS}s]`
  const baselines = Object.entries(BASELINE_OFFSETS).map(([name, seconds]) =>
    over(histogram, name, `${hour} offset ${seconds}s`),
  )
  const together = askedTogether({
    ...over(histogram, 'now', `[${windowSeconds}s]`),
    ...Object.assign({}, ...baselines),
    age: `(time() - max(timestamp(${buckets}) or timestamp(${native})))`,
  })
  return `${together} or ${nativeOver(histogram, `[${windowSeconds}s]`)}`
}

/** The hour before the moment that is asked about. */
export function bucketsThen(histogram: Histogram): string {
  return askedTogether(over(histogram, 'then', `[${LONG_SECONDS}s]`))
}
