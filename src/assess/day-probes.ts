import type { MetricsSettings } from '../domain/assessment/settings.ts'
import type { MetricAnswer, Metrics } from '../ports/metrics.ts'
import { notANumber } from './metric-answer.ts'
import { AT_THIS_HOUR_YESTERDAY, found, inconclusive, type Finding, type Probe } from './probe.ts'
import { percentOf, round } from './ratio.ts'

const DAY_MS = 24 * 60 * 60_000

type Ask = (atMs?: number) => Promise<MetricAnswer>

/** A quantity that is held against the same hour yesterday: nobody has to know what is normal for it. */
type Quantity = {
  readonly id: string
  /** "database query time" */
  readonly name: string
  query(settings: MetricsSettings): string
  ask(metrics: Metrics, settings: MetricsSettings, signal: AbortSignal): Ask
  show(value: number): string
  /** By how many percent it may be worse. */
  limit(settings: MetricsSettings): number
  /** `more`: more of it is worse. */
  readonly worse: 'more' | 'less'
  /** Below it noise alone doubles it: while it stays there, it is not bad. */
  readonly noise?: number
}

/** What the runbook watches for a day, beside what an assessment asks: each a measurement of its own. */
export const DAY_PROBES: readonly Probe[] = [
  againstYesterday({
    id: 'database-time-usual',
    name: 'database query time',
    ...one('databaseTime'),
    show: (seconds) => `${Math.round(seconds * 1_000)} ms`,
    limit: ({ worseThanYesterdayPercent }) => worseThanYesterdayPercent,
    worse: 'more',
    noise: 0.005,
  }),
  againstYesterday({
    id: 'cache-hits-usual',
    name: 'cache hit rate',
    query: ({ cacheHits, cacheReads }) => `${cacheHits} / ${cacheReads}`,
    ask: shareOf,
    show: (share) => `${round(share * 100, 1)} %`,
    limit: ({ cacheHitsDownPercent }) => cacheHitsDownPercent,
    worse: 'less',
  }),
  againstYesterday({
    id: 'memory-usual',
    name: 'memory',
    ...one('memory'),
    show: (bytes) => `${round(bytes / 1_000_000, 0)} MB`,
    limit: ({ worseThanYesterdayPercent }) => worseThanYesterdayPercent,
    worse: 'more',
  }),
  againstYesterday({
    id: 'cpu-usual',
    name: 'CPU',
    ...one('cpu'),
    show: (processors) => `${round(processors, 2)} processors`,
    limit: ({ worseThanYesterdayPercent }) => worseThanYesterdayPercent,
    worse: 'more',
    noise: 0.05,
  }),
]

function againstYesterday(quantity: Quantity): Probe {
  const { id, name, worse, noise = 0 } = quantity
  return {
    id,
    asks: 'Prometheus',
    needsFreshMetrics: true,
    questions({ metrics: settings }, { metrics, clock }) {
      if (!metrics) return []
      return [
        {
          target: 'all services',
          unit: '%',
          query: `${quantity.query(settings)} against 24 h ago`,
          async ask({ signal }) {
            const ask = quantity.ask(metrics, settings, signal)
            const [now, before] = await Promise.all([ask(), ask(clock.now() - DAY_MS)])
            if (now.kind !== 'value') return notANumber(name, now)
            if (before.kind !== 'value' || before.value <= 0)
              return noYesterday(quantity, now.value)
            const more = percentOf(now.value / before.value - 1)
            const isNoise = Math.max(now.value, before.value) < noise
            const isWorse = (worse === 'more' ? more : -more) >= quantity.limit(settings)
            const change = `${more >= 0 ? '+' : ''}${round(more, 1)} %`
            const words = `${name} ${quantity.show(now.value)}, ${change} against ${quantity.show(before.value)} ${AT_THIS_HOUR_YESTERDAY}`
            return found(more, isWorse && !isNoise ? 'degraded' : 'healthy', words)
          },
        },
      ]
    },
  }
}

function noYesterday({ name, show }: Quantity, now: number): Finding {
  const words = `${name} ${show(now)}, and nothing of yesterday to compare it with`
  return inconclusive('no-data', words)
}

/** A quantity that is one query. */
function one(key: 'databaseTime' | 'memory' | 'cpu'): Pick<Quantity, 'query' | 'ask'> {
  return {
    query: (settings) => settings[key],
    ask: (metrics, settings, signal) => (atMs) =>
      metrics.instant(settings[key], { signal, ...(atMs !== undefined && { atMs }) }),
  }
}

/** Two aggregated rates, and their ratio formed here. */
function shareOf(
  metrics: Metrics,
  { cacheHits, cacheReads }: MetricsSettings,
  signal: AbortSignal,
): Ask {
  return async (atMs) => {
    const options = { signal, ...(atMs !== undefined && { atMs }) }
    const [part, whole] = await Promise.all([
      metrics.instant(cacheHits, options),
      metrics.instant(cacheReads, options),
    ])
    if (whole.kind !== 'value') return whole
    if (part.kind !== 'value') return part
    if (whole.value <= 0) return { kind: 'not-a-number', text: '0 reads of 0' }
    return { kind: 'value', value: part.value / whole.value }
  }
}
