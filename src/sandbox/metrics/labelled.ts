import type { AssessSettings } from '../../domain/assessment/settings.ts'
import type { Labelled, MetricAnswer } from '../../ports/metrics.ts'
import { PART } from '../../promql/ask-together.ts'
import { bucketQuery, bucketsThen } from '../../promql/buckets.ts'
import {
  countHistoryQuery,
  countQuery,
  countsThen,
  LONG_SECONDS,
  shortWindows,
  type Counted,
} from '../../promql/count.ts'
import { histogramOf, ratioCounts } from '../../promql/derived.ts'

const DAY_MS = 24 * 60 * 60_000

/** What one of the settings' queries is answered with, at a moment. */
type Read = (query: string, atMs: number) => MetricAnswer

type Answer = (read: Read, atMs: number) => readonly Labelled[]

/** What is asked in one, answered from what each of the settings' queries is answered with. */
export function labelledAnswers(
  { metrics, services }: AssessSettings,
  scrapeSeconds: number,
): Readonly<Record<string, Answer>> {
  const names = services.map(({ name }) => name)
  const ratios = [
    { part: metrics.errors, whole: metrics.traffic, beside: metrics.clientErrors },
    { part: metrics.loginFailures, whole: metrics.logins },
  ]
  const counts = ratios.flatMap((ratio) => {
    const counted = ratioCounts(ratio, { by: metrics.serviceLabel, match: metrics.match ?? '' })
    return counted ? countAnswers(counted, { ...ratio, names, metrics, scrapeSeconds }) : []
  })
  const asked = histogramOf(metrics)
  const buckets = asked
    ? [
        [bucketQuery(asked), bucketAnswer(metrics, asked.windowSeconds)] as const,
        [bucketsThen(asked), thenAnswer(metrics)] as const,
      ]
    : []
  return Object.fromEntries([...counts, ...buckets])
}

type Asked = {
  readonly part: string
  readonly whole: string
  readonly beside?: string
  readonly names: readonly string[]
  readonly metrics: AssessSettings['metrics']
  readonly scrapeSeconds: number
}

function countAnswers(
  counted: Counted,
  { part, whole, beside, names, metrics, scrapeSeconds }: Asked,
): readonly (readonly [string, Answer])[] {
  const { windowSeconds, by } = counted
  const share = 1 / names.length
  /** Of every service as much; nothing at all where the whole is no number. */
  const over = (read: Read, name: string, seconds: number, atMs: number) => {
    const rates = [numberOf(read(part, atMs)), numberOf(read(whole, atMs))]
    if (rates.some((rate) => rate === null)) return []
    return names.flatMap((service) =>
      ['part', 'whole'].map((which, index) =>
        labelled(`${which} ${name}`, (rates[index] ?? 0) * seconds * share, { [by]: service }),
      ),
    )
  }
  const besides = (read: Read, name: string, seconds: number, atMs: number) => {
    const rate = beside === undefined ? null : numberOf(read(beside, atMs))
    if (rate === null) return []
    return names.map((service) => labelled(name, rate * seconds * share, { [by]: service }))
  }
  const now: Answer = (read, atMs) => {
    const counts = [windowSeconds, ...shortWindows(counted)].flatMap((seconds) =>
      over(read, `${seconds}`, seconds, atMs),
    )
    const age = numberOf(read(metrics.sampleAge, atMs))
    if (counts.length === 0) return []
    return [
      ...counts,
      ...besides(read, 'beside', windowSeconds, atMs),
      ...names.flatMap((service) => [
        ...(age === null ? [] : [labelled('age', age, { [by]: service })]),
        labelled('samples', windowSeconds / scrapeSeconds, { [by]: service }),
        labelled('resets', 0, { [by]: service }),
      ]),
    ]
  }
  const history: Answer = (read, atMs) => [
    ...over(read, 'long', LONG_SECONDS, atMs),
    ...over(read, 'yesterday', LONG_SECONDS, atMs - DAY_MS),
    ...besides(read, 'beside yesterday', LONG_SECONDS, atMs - DAY_MS),
  ]
  return [
    [countQuery(counted), now],
    [countHistoryQuery(counted), history],
    [countsThen(counted), (read, atMs) => over(read, 'before-deploy', LONG_SECONDS, atMs)],
  ]
}

function bucketAnswer(metrics: AssessSettings['metrics'], windowSeconds: number): Answer {
  return (read, atMs) => {
    const now = numberOf(read(metrics.p95, atMs))
    const yesterday = numberOf(read(metrics.p95Yesterday, atMs))
    const traffic = numberOf(read(metrics.traffic, atMs)) ?? 0
    const age = numberOf(read(metrics.sampleAge, atMs))
    return [
      ...(now === null ? [] : histogram('now', now, traffic * windowSeconds)),
      ...(yesterday === null ? [] : histogram('yesterday', yesterday, traffic * LONG_SECONDS)),
      ...(age === null ? [] : [labelled('age', age)]),
    ]
  }
}

function thenAnswer(metrics: AssessSettings['metrics']): Answer {
  return (read, atMs) => {
    const then = numberOf(read(metrics.p95BeforeDeploy, atMs))
    const traffic = numberOf(read(metrics.traffic, atMs)) ?? 0
    return then === null ? [] : histogram('then', then, traffic * LONG_SECONDS)
  }
}

/** Durations of which the 95th percentile lies exactly on the bound of a bucket. */
function histogram(name: string, p95: number, events: number): readonly Labelled[] {
  if (!(p95 > 0)) return []
  const bounds = [p95 / 4, p95 / 2, p95, 2 * p95, 8 * p95]
  return [
    ...bounds.map((le) =>
      labelled(`buckets ${name}`, events * (1 - 20 ** (-le / p95)), { le: String(le) }),
    ),
    labelled(`buckets ${name}`, events, { le: '+Inf' }),
  ]
}

function labelled(part: string, value: number, labels: Labelled['labels'] = {}): Labelled {
  return { labels: { ...labels, [PART]: part }, value }
}

function numberOf(answer: MetricAnswer): number | null {
  return answer.kind === 'value' ? answer.value : null
}
