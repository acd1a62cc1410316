import { Fault } from '../../domain/base/fault.ts'
import { overAtMost } from '../../domain/assessment/query-window.ts'
import { quantileOfEither } from '../../promql/buckets.ts'
import { courseQuery, watchWindow } from '../../domain/assessment/watch-window.ts'
import type { AssessSettings, MetricsSettings } from '../../domain/assessment/settings.ts'
import type { MetricAnswer, Metrics } from '../../ports/metrics.ts'
import { answering } from '../simulated-availability.ts'
import { labelledAnswers } from './labelled.ts'
import { noise } from './noise.ts'
import { healthy } from '../production.ts'
import type { Production, Stage } from '../production.ts'

const UNKNOWN_QUERY = 'the simulated Prometheus does not know this query'
const hourMs = 60 * 60_000
const scrapeIntervalMs = 15_000

/** A quantity at a moment; `null` is an absent series. */
type Series = (stage: Stage, atMs: number) => number | null

/** Far from every threshold of the matrix, so that noise never changes a decision. */
const rateNoise = 0.015
const latencyNoise = 0.006

function at(stage: Stage, atMs: number): Production {
  return atMs < stage.deployedAtMs ? healthy : stage.productionAt(atMs)
}

/** A known quantity as it would be measured: a little off. */
function measured(
  stage: Stage,
  name: string,
  atMs: number,
  share: number,
  exact: number | null,
): number | null {
  return exact === null ? null : exact * (1 + share * noise(stage.seed, name, atMs))
}

const traffic: Series = (stage, atMs) =>
  measured(stage, 'traffic', atMs, rateNoise, at(stage, atMs).requestsPerSecond)

const logins: Series = (stage, atMs) => {
  const { requestsPerSecond, loginsPerSecond } = at(stage, atMs)
  const exact = requestsPerSecond === null ? null : loginsPerSecond
  return measured(stage, 'logins', atMs, rateNoise, exact)
}

/** `or vector(0)` in the query: an absent series is a zero, and says nothing without traffic. */
const errors: Series = (stage, atMs) =>
  ((traffic(stage, atMs) ?? 0) * at(stage, atMs).errorPercent) / 100

const clientErrors: Series = (stage, atMs) =>
  ((traffic(stage, atMs) ?? 0) * at(stage, atMs).clientErrorPercent) / 100

const unavailable: Series = (stage, atMs) =>
  ((traffic(stage, atMs) ?? 0) * at(stage, atMs).unavailablePercent) / 100

const loginFailures: Series = (stage, atMs) =>
  ((logins(stage, atMs) ?? 0) * at(stage, atMs).loginFailurePercent) / 100

const p95: Series = (stage, atMs) => {
  const { requestsPerSecond, p95Seconds } = at(stage, atMs)
  const exact = requestsPerSecond === null ? null : p95Seconds
  return measured(stage, 'p95', atMs, latencyNoise, exact)
}

/** Over an hour: as much of the new release as the hour has of it. */
const p95OverAnHour: Series = (stage, atMs) => {
  const share = Math.min(1, Math.max(0, (atMs - stage.deployedAtMs) / hourMs))
  const { requestsPerSecond, p95Seconds } = at(stage, atMs)
  const now = requestsPerSecond === null ? healthy.p95Seconds : p95Seconds
  const exact = share * now + (1 - share) * healthy.p95Seconds
  return measured(stage, 'p95 over an hour', atMs, latencyNoise, exact)
}

const activeUsers: Series = (stage, atMs) =>
  measured(stage, 'active users', atMs, rateNoise, at(stage, atMs).activeUsers)

/** What a service takes of its database, its machine and its cache, in step with how slow it is. */
const databaseTime: Series = (stage, atMs) =>
  measured(stage, 'database time', atMs, latencyNoise, at(stage, atMs).p95Seconds / 4)

const cacheReads: Series = (stage, atMs) => {
  const { requestsPerSecond } = at(stage, atMs)
  return requestsPerSecond === null ? null : 3 * requestsPerSecond
}

const cacheHits: Series = (stage, atMs) => {
  const reads = cacheReads(stage, atMs)
  return measured(stage, 'cache hits', atMs, latencyNoise, reads === null ? null : 0.93 * reads)
}

const memory: Series = (stage, atMs) => measured(stage, 'memory', atMs, rateNoise, 840_000_000)

const cpu: Series = (stage, atMs) => {
  const { requestsPerSecond } = at(stage, atMs)
  return measured(stage, 'cpu', atMs, rateNoise, (requestsPerSecond ?? 0) / 40)
}

const isUp = (stage: Stage, service: string, atMs: number): boolean =>
  atMs < stage.deployedAtMs || stage.serving(service, atMs) !== null

const seriesOf = (
  settings: MetricsSettings,
  services: readonly string[],
): Readonly<Record<string, Series>> => ({
  // First, so that a query that cannot be shorter keeps what it means.
  [courseQuery(settings.traffic, settings)]: traffic,
  [courseQuery(settings.errors, settings)]: errors,
  [courseQuery(settings.logins, settings)]: logins,
  [courseQuery(settings.loginFailures, settings)]: loginFailures,
  [courseQuery(settings.clientErrors, settings)]: clientErrors,
  [quantileOfEither(courseQuery(settings.p95, settings))]: p95,
  [settings.traffic]: traffic,
  [settings.errors]: errors,
  [watchWindow(settings, scrapeIntervalMs).traffic]: traffic,
  [watchWindow(settings, scrapeIntervalMs).errors]: errors,
  [settings.clientErrors]: clientErrors,
  // The simulated services are one instance each, and name none.
  [settings.requestsApart]: () => null,
  [settings.failedApart]: () => null,
  [settings.unavailable]: unavailable,
  [settings.logins]: logins,
  [settings.loginFailures]: loginFailures,
  [settings.p95]: p95,
  [quantileOfEither(settings.p95)]: p95,
  [quantileOfEither(
    overAtMost(settings.p95, watchWindow(settings, scrapeIntervalMs).windowMs) ?? settings.p95,
  )]: p95,
  [settings.p95BeforeDeploy]: p95OverAnHour,
  [settings.p95Yesterday]: (stage, atMs) => p95OverAnHour(stage, atMs - 24 * hourMs),
  [settings.activeUsers]: activeUsers,
  [settings.activeUsersBaseline]: (stage, atMs) =>
    measured(stage, 'active users yesterday', atMs, rateNoise, healthy.activeUsers),
  [settings.databaseTime]: databaseTime,
  [settings.cacheHits]: cacheHits,
  [settings.cacheReads]: cacheReads,
  [settings.memory]: memory,
  [settings.cpu]: cpu,
  [settings.targets]: () => services.length,
  [settings.targetsUp]: (stage, atMs) => services.filter((one) => isUp(stage, one, atMs)).length,
  [settings.jobs]: () => services.length,
  [settings.sampleAge]: (stage, atMs) =>
    measured(stage, 'sample age', atMs, 0.1, at(stage, atMs).sampleAgeSeconds),
  'time()': (_stage, atMs) => atMs / 1000,
})

export function sandboxMetrics(stage: Stage, settings: AssessSettings): Metrics {
  const answer = answering('prometheus', stage)
  const names = settings.services.map(({ name }) => name)
  const series = seriesOf(settings.metrics, names)
  const together = labelledAnswers(settings, scrapeIntervalMs / 1_000)

  const read = (query: string, atMs: number): MetricAnswer => {
    const given = stage.production().answers[query]
    if (given !== undefined) return given
    const known = Object.hasOwn(series, query) ? series[query] : undefined
    if (known === undefined) {
      return { kind: 'unusable', because: UNKNOWN_QUERY }
    }
    const value = known(stage, atMs)
    return value === null ? { kind: 'no-data' } : { kind: 'value', value }
  }

  return {
    instant: (query, { atMs, signal }) =>
      answer(stage.production().prometheus, signal, () => read(query, atMs ?? stage.now())),

    labelled: (query, { atMs, signal }) =>
      answer(stage.production().prometheus, signal, () => {
        const known = Object.hasOwn(together, query) ? together[query] : undefined
        return known
          ? { kind: 'series' as const, series: known(read, atMs ?? stage.now()) }
          : { kind: 'unusable' as const, because: UNKNOWN_QUERY }
      }),

    targets: (signal) =>
      answer(stage.production().prometheus, signal, () =>
        settings.services.map(({ name, url }) => {
          const down = !isUp(stage, name, stage.now())
          return {
            job: name,
            instance: new URL(url).host,
            health: down ? 'down' : 'up',
            scrapeIntervalMs,
            lastError: down ? 'server returned HTTP status 503 Service Unavailable' : '',
          }
        }),
      ),

    range: (query, { fromMs, toMs, stepSeconds, signal }) =>
      answer(stage.production().prometheus, signal, () => {
        const stepMs = 1_000 * stepSeconds
        const moments = Array.from(
          { length: Math.floor((toMs - fromMs) / stepMs) + 1 },
          (_, index) => fromMs + index * stepMs,
        )
        const values = moments.flatMap((atMs) => {
          const said = read(query, atMs)
          if (said.kind === 'unusable') throw unusable(said.because)
          return said.kind === 'value' ? [[atMs / 1000, String(said.value)]] : []
        })
        const result = values.length === 0 ? [] : [{ metric: {}, values }]
        const data = { resultType: 'matrix', result }
        return `${JSON.stringify({ status: 'success', data })}\n`
      }),
  }
}

function unusable(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency: 'prometheus', detail })
}
