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

/** What one time tells: the buckets, the sum of all durations, and the same of a native histogram. */
function over({ buckets, metric, quantile }: Histogram, name: string, range: string) {
  const whole = metric.replace(/_bucket$/, '')
  const named = (other: string) => `${other}${buckets.slice(metric.length)}`
  const rate = `rate(${named(whole)}${range})`
  // A summary may be called so too: of it nothing is left.
  const native = `sum(${rate} and histogram_count(${rate}))`
  return {
    [`buckets ${name}`]: `sum by (le) (increase(${buckets}${range}))`,
    [`sum ${name}`]: `sum(increase(${named(`${whole}_sum`)}${range}))`,
    [`native ${name}`]: `histogram_quantile(${quantile}, ${native})`,
    [`native-count ${name}`]: `histogram_count(${native})`,
  }
}

export function bucketQuery(histogram: Histogram): string {
  const hour = `[${LONG_SECONDS}s]`
  const baselines = Object.entries(BASELINE_OFFSETS).map(([name, seconds]) =>
    over(histogram, name, `${hour} offset ${seconds}s`),
  )
  return askedTogether({
    ...over(histogram, 'now', `[${histogram.windowSeconds}s]`),
    ...Object.assign({}, ...baselines),
    age: `(time() - max(timestamp(${histogram.buckets})))`,
  })
}

/** The hour before the moment that is asked about. */
export function bucketsThen(histogram: Histogram): string {
  return askedTogether(over(histogram, 'then', `[${LONG_SECONDS}s]`))
}
