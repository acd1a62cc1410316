import { z } from 'zod'
import { CompareUrl } from '../workload/compare-url.ts'
import { ExpectedAnswer } from '../verification/request-settings.ts'
import type { IsolationCheck } from './isolation.ts'
import { HealthyStatuses } from '../workload/service-pages.ts'

const Percent = z.number().min(0).max(100_000)

/** Two slashes would name another host, and take the credentials there. */
const Path = z.string().regex(/^\/(?![/\\])/, 'must be a path like /health')

/** One service of the team. `url` is its base address. */
export const ServiceSettings = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a lower-case name like backend'),
    url: z
      .url({ protocol: /^https?$/, error: 'an http or https address' })
      .regex(/^[^@?#]*$/, 'must not hold a password, a query or a fragment; see SERVICES_USERNAME'),
    health: Path.default('/health'),
    /** What the health page answers when all is well; `null`: any 2xx. */
    healthyStatuses: HealthyStatuses.nullable().default(null),
    /** More of what it answers then; left out: nothing that its page says against its status. */
    expect: ExpectedAnswer.optional(),
    /** Answers `{"version": "…"}`; `null` when the service does not tell. */
    version: Path.nullable().default('/version'),
    /** A page that shows what is different between two versions. */
    compareUrl: CompareUrl.nullable().default(null),
  })
  .refine(
    ({ healthyStatuses, expect }) => healthyStatuses === null || !expect?.status,
    'has healthyStatuses and expect.status: one of them is enough',
  )
export type ServiceSettings = z.infer<typeof ServiceSettings>

/** The thresholds of the decision matrix, in percent. The defaults are the runbook's. */
export const MatrixSettings = z.strictObject({
  errorsCriticalPercent: Percent.default(50),
  errorsElevatedPercent: Percent.default(5),
  loginFailuresCriticalPercent: Percent.default(10),
  loginFailuresElevatedPercent: Percent.default(2),
  /** So many times as many failed logins as usual here are critical, where that is more. */
  loginFailuresUsualTimes: z.number().min(1).default(3),
  /** Over an hour, so many times the errors of the same hour before are unusual, and this many at least. */
  errorsUnusualTimes: z.number().min(1).default(5),
  errorsUnusualPercent: Percent.default(1),
  latencyHighPercent: Percent.default(50),
  latencyElevatedPercent: Percent.default(20),
  /** Below this a slower p95 is noise and not worth a line. */
  latencyMinorPercent: Percent.default(5),
  activeUsersDownPercent: Percent.default(50),
  /** So many points more of all requests end in 4xx than usually. */
  clientErrorsUpPoints: Percent.min(1).default(20),
  /** So much fewer requests than usually. */
  trafficDownPercent: Percent.default(50),
  /** Of the scrape targets. */
  targetsDownPercent: Percent.min(1).default(50),
  /** Whether something that speaks against a rollback makes "roll back" a person's decision. */
  requireCause: z.boolean().default(false),
})
export type MatrixSettings = z.infer<typeof MatrixSettings>

const Query = z.string().min(1)

/**
 * What the metrics are asked. Ratios are computed here from two aggregated answers, never in a query.
 * Windows are at least four scrape intervals.
 */
export const MetricsSettings = z.strictObject({
  /**
   * Requests per second, all of them. It names the status label too: where the label is called
   * otherwise, there is no data, and not a ratio of zero.
   */
  traffic: Query.default('sum(rate(http_requests_total{status=~"[1-5].."}[5m]))'),
  /** Failed requests per second. Zero only counts when there is traffic. */
  errors: Query.default('sum(rate(http_requests_total{status=~"5.."}[5m])) or vector(0)'),
  /** Requests per second that ended in 4xx. */
  clientErrors: Query.default('sum(rate(http_requests_total{status=~"4.."}[5m])) or vector(0)'),
  /** Those that failed because maintenance is on; asked only then. */
  unavailable: Query.default('sum(rate(http_requests_total{status="503"}[5m])) or vector(0)'),
  /** Requests of the last minutes, and the failed ones of them, by whoever answered and with which version. */
  requestsApart: Query.default(
    'sum by (instance, pod, version) (increase(http_requests_total{status=~"[1-5].."}[5m]))',
  ),
  failedApart: Query.default(
    'sum by (instance, pod, version) (increase(http_requests_total{status=~"5.."}[5m]))',
  ),
  /** Failed requests of the last minutes, by what was asked for and by status, in this order. */
  failedRoutes: Query.default(
    'sum by (route, status) (increase(http_requests_total{status=~"[45].."}[5m]))',
  ),
  /** Under which label they tell the version; where there is none, the names of pods may tell it. */
  versionLabel: z.string().min(1).default('version'),
  logins: Query.default('sum(rate(http_requests_total{route=~".*/login",status=~"[1-5].."}[5m]))'),
  loginFailures: Query.default(
    'sum(rate(http_requests_total{route=~".*/login",status=~"401|403|5.."}[5m])) or vector(0)',
  ),
  /** Seconds. */
  p95: Query.default(
    'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))',
  ),
  /** Seconds; asked at five minutes before the deploy. */
  p95BeforeDeploy: Query.default(
    'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[1h])))',
  ),
  /** Seconds; the same hour yesterday. */
  p95Yesterday: Query.default(
    'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[1h] offset 1d)))',
  ),
  /** People; drawn in the picture of an incident, and nothing is decided by it. */
  activeUsers: Query.default('sum(active_users)'),
  activeUsersBaseline: Query.default('avg_over_time(sum(active_users)[1h:1m] offset 1d)'),
  /** Seconds. This and what follows is watched for a day after a rollback. */
  databaseTime: Query.default(
    'histogram_quantile(0.95, sum by (le) (rate(database_query_duration_seconds_bucket[5m])))',
  ),
  /** 1 while the database, and the cache, can be reached, as their exporters tell; `null`: as those are called usually. */
  databaseUp: Query.nullable().default(null),
  cacheUp: Query.nullable().default(null),
  /** Reads per second that the cache could answer, and all of them. */
  cacheHits: Query.default('sum(rate(cache_hits_total[5m]))'),
  cacheReads: Query.default('sum(rate(cache_requests_total[5m]))'),
  /** Bytes. */
  memory: Query.default('sum(process_resident_memory_bytes{job=~"backend|frontend"})'),
  /** Processors in use. */
  cpu: Query.default('sum(rate(process_cpu_seconds_total{job=~"backend|frontend"}[5m]))'),
  /** So much more time, memory or processor than at this hour yesterday is bad. */
  worseThanYesterdayPercent: Percent.default(50),
  /** So much less of the reads answered by the cache than at this hour yesterday is bad. */
  cacheHitsDownPercent: Percent.default(20),
  targets: Query.default('count(up{job=~"backend|frontend"})'),
  targetsUp: Query.default('sum(up{job=~"backend|frontend"})'),
  /** How many services are scraped at all: one that is gone is missing from `targets` too. */
  jobs: Query.default('count(count by (job) (up{job=~"backend|frontend"}))'),
  /** Seconds since the newest sample of the stalest job. */
  sampleAge: Query.default('time() - min(max by (job) (timestamp(up{job=~"backend|frontend"})))'),
  /** Put into every shipped query: `env="production"`. */
  match: z.string().nullable().default(null),
  /** The label that tells the services apart; its values are their names. */
  serviceLabel: z
    .string()
    .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'the name of a label, like job')
    .default('job'),
  /** Whose requests are counted: each of them has to be in the numbers; `null`: every service. */
  countedServices: z.array(z.string()).nullable().default(null),
  /** Below this a ratio says nothing. */
  minimumRequestsPerSecond: z.number().positive().default(0.2),
  minimumLoginsPerSecond: z.number().positive().default(0.02),
  staleAfterSeconds: z.number().positive().default(60),
  /** How often the services are scraped; `null`: as is told of the slowest target. */
  scrapeIntervalSeconds: z.number().positive().nullable().default(null),
  /** Over how long a recorded rate was taken, whose name does not tell it. */
  recordedWindowSeconds: z.number().positive().default(300),
  clockSkewLimitSeconds: z.number().positive().default(30),
})
export type MetricsSettings = z.infer<typeof MetricsSettings>

/** Everything an assessment needs to know beforehand. */
export type AssessSettings = {
  readonly services: readonly ServiceSettings[]
  readonly metrics: MetricsSettings
  readonly matrix: MatrixSettings
  readonly activeUsersKey: string
  /** The switch that the services read; left out: there is none. */
  readonly maintenanceKey?: string
  /** What one organisation must not see of another; left out: nothing is asked. */
  readonly isolation?: readonly IsolationCheck[]
  /** Whether the settings say which keys of the cache may be cleared. */
  readonly clearsCache: boolean
  /** Each question to the world gets this long. */
  readonly deadlineMs: number
  /** The services that a backend runs, so that their versions can be listed; `null`: none is configured. */
  readonly deployed: {
    readonly services: readonly string[]
    /** Those of them that run as containers on hosts. */
    readonly onHosts?: readonly string[]
  } | null
}
