/** What a time-series database said to one query. Silence and odd answers are values (J10). */
export type MetricAnswer =
  | {
      readonly kind: 'value'
      readonly value: number
      /** What it remarks about the query. The number is whole all the same. */
      readonly notes?: readonly string[]
    }
  /** NaN or an infinity: usually a ratio over no traffic. */
  | { readonly kind: 'not-a-number'; readonly text: string }
  | { readonly kind: 'no-data' }
  /** It says itself that part of the data is missing, or that the number may be wrong. */
  | { readonly kind: 'partial'; readonly because: string }
  /** It answered, and the answer cannot be used: two series, HTML, a rejected query. */
  | { readonly kind: 'unusable'; readonly because: string }

/** One of several series: its labels, and its number; NaN and infinities as they are. */
export type Labelled = {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** Where it is a native histogram, which is no number: the buckets that hold something. */
  readonly buckets?: readonly { readonly low: number; readonly high: number }[]
}

/** What was said to a query of which several series are expected. None at all is an answer. */
export type LabelledAnswer =
  | { readonly kind: 'series'; readonly series: readonly Labelled[] }
  | Extract<MetricAnswer, { kind: 'partial' | 'unusable' }>

export type ScrapeTarget = {
  readonly job: string
  readonly instance: string
  readonly health: 'up' | 'down' | 'unknown'
  readonly lastError: string
  /** `null`: it is not told. */
  readonly scrapeIntervalMs: number | null
}

/** Throws a `Fault` when the question could not be asked. */
export type Metrics = {
  /** Several questions may be put into one, in its own language; left out: each is asked alone. */
  readonly takesSeveral?: true
  /** `atMs`: the moment asked about, in milliseconds since the epoch; now if left out. */
  instant(
    query: string,
    options: { readonly atMs?: number; readonly signal: AbortSignal },
  ): Promise<MetricAnswer>
  /** The same of a query of which several series are expected. */
  labelled(
    query: string,
    options: { readonly atMs?: number; readonly signal: AbortSignal },
  ): Promise<LabelledAnswer>
  targets(signal: AbortSignal): Promise<readonly ScrapeTarget[]>
  /**
   * The series of a query over a time, whatever their number, as the JSON of Prometheus; for people
   * to read later. What it says instead of series, or more than can be read, is a `Fault`.
   */
  range(query: string, over: TimeRange): Promise<string>
}

/** Milliseconds since the epoch, both ends included. */
export type TimeRange = {
  readonly fromMs: number
  readonly toMs: number
  readonly stepSeconds: number
  readonly signal: AbortSignal
}
