import { askedTogether } from './ask-together.ts'
import { BASELINE_OFFSETS, LONG_SECONDS } from './count.ts'
import { quantileOfBuckets } from './read-query.ts'

/** A histogram with buckets, as a selector of them. */
export type Histogram = {
  readonly buckets: string
  /** The name of its metric, with the ending of the buckets. */
  readonly metric: string
  readonly windowSeconds: number
  readonly quantile: number
  /** The label whose values are the services. */
  readonly by: string
}

/** Of a native histogram. A summary may be called so too: of it nothing is left. */
function nativeOver(histogram: Histogram, range: string, by = ''): string {
  const grown = `increase(${besideBuckets(histogram, '')}${range})`
  return `sum${by} (${grown} and histogram_count(${grown}))`
}

/**
 * The same quantile, and that of the native histogram of the same name where nothing is counted in buckets. As it is,
 * where it is of another shape.
 */
export function quantileOfEither(query: string): string {
  const read = quantileOfBuckets(query)
  const { metric, text } = read?.selector ?? {}
  if (!read || !metric || text === undefined) return query
  const native = besideBuckets({ buckets: text, metric }, '')
  const rate = `rate(${native}[${Math.round(read.windowMs / 1_000)}s])`
  // A summary may be called so too: of it nothing is left.
  return `${query} or histogram_quantile(${read.quantile}, sum(${rate} and histogram_count(${rate})))`
}

/** A metric of the same histogram, with the labels that narrow its buckets. */
function besideBuckets(
  { buckets, metric }: Pick<Histogram, 'buckets' | 'metric'>,
  ending: '' | '_sum',
): string {
  return `${metric.replace(/_bucket$/, '')}${ending}${buckets.slice(metric.length)}`
}

/**
 * What one time tells of each service: the buckets, the sum of all durations, and the same of a native histogram. All
 * services together are the sum of them; the quantile of a native histogram is none, and is asked for.
 */
function over(histogram: Histogram, name: string, range: string) {
  const { buckets, quantile, by } = histogram
  const native = nativeOver(histogram, range)
  const own = nativeOver(histogram, range, ` by (${by})`)
  return {
    [`buckets ${name}`]: `sum by (le, ${by}) (increase(${buckets}${range}))`,
    [`sum ${name}`]: `sum by (${by}) (increase(${besideBuckets(histogram, '_sum')}${range}))`,
    [`native ${name}`]: `histogram_quantile(${quantile}, ${native})`,
    [`own-native ${name}`]: `histogram_quantile(${quantile}, ${own})`,
    [`native-count ${name}`]: `histogram_count(${own})`,
    [`native-sum ${name}`]: `histogram_sum(${own})`,
  }
}

/**
 * The native histogram of now stands at the end as it is: its buckets tell how wide all of them are. Not every version
 * of Prometheus keeps it one that gets a label.
 */
export function bucketQuery(histogram: Histogram): string {
  const { buckets, windowSeconds, by } = histogram
  const hour = `[${LONG_SECONDS}s]`
  const baselines = Object.entries(BASELINE_OFFSETS).map(([name, seconds]) =>
    over(histogram, name, `${hour} offset ${seconds}s`),
  )
  const together = askedTogether({
    ...over(histogram, 'now', `[${windowSeconds}s]`),
    ...Object.assign({}, ...baselines),
    age: `(time() - max by (${by}) (timestamp(${buckets}) or timestamp(${besideBuckets(histogram, '')})))`,
  })
  return `${together} or ${nativeOver(histogram, `[${windowSeconds}s]`)}`
}

/** The hour before the moment that is asked about. */
export function bucketsThen(histogram: Histogram): string {
  return askedTogether(over(histogram, 'then', `[${LONG_SECONDS}s]`))
}
