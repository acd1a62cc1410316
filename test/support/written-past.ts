import { MetricsSettings } from '../../src/domain/assessment/settings.ts'

/** What Prometheus is to have recorded, under a label of its own. */
export type Past = {
  readonly case: string
  readonly requestsPerSecond?: number
  readonly errorPercent?: number
  /** No request ever failed: the series of failures does not exist (hazards E12). */
  readonly noFailedSeries?: boolean
  readonly loginFailurePercent?: number
  readonly p95Seconds?: number
  readonly p95SecondsYesterday?: number
  /** Until five minutes ago; as now if left out. */
  readonly p95SecondsBefore?: number
  readonly activeUsersYesterday?: number
  /** Of five targets. */
  readonly targetsUp?: number
  readonly newestSecondsAgo?: number
  /** Nothing but `up`. */
  readonly nothingCounted?: boolean
}

const minute = 60
const day = 24 * 60 * minute
const logins = 0.1

type Sample = { readonly at: number; readonly value: number }
type Family = { readonly type: string; readonly series: Map<string, readonly Sample[]> }

/** OpenMetrics text: an hour and a quarter of now, and the same hour of yesterday. */
export function writtenPast(pasts: readonly Past[], nowMs: number): string {
  const families = new Map<string, Family>()
  const add = (family: string, type: string, name: string, samples: readonly Sample[]) => {
    const { series } = families.get(family) ?? { series: new Map<string, readonly Sample[]>() }
    series.set(name, samples)
    families.set(family, { type, series })
  }
  for (const past of pasts) record(past, nowMs / 1000, add)
  const lines = [...families].flatMap(([family, { type, series }]) => [
    `# TYPE ${family} ${type}`,
    ...[...series].flatMap(([name, samples]) =>
      samples.map(({ at, value }) => `${name} ${value.toFixed(4)} ${at.toFixed(3)}`),
    ),
  ])
  return [...lines, '# EOF'].join('\n')
}

function record(
  past: Past,
  now: number,
  add: (family: string, type: string, name: string, samples: readonly Sample[]) => void,
): void {
  const { requestsPerSecond = 10, errorPercent = 0.2, loginFailurePercent = 0.5 } = past
  const { p95Seconds = 0.2, p95SecondsYesterday = 0.2, p95SecondsBefore = p95Seconds } = past
  const newest = now - (past.newestSecondsAgo ?? 5)
  const today = timesBefore(newest, 75 * minute)
  const yesterday = timesBefore(now - day + 10 * minute, 80 * minute)
  const times = [...yesterday, ...today]
  const label = `case="${past.case}"`
  const start = now - 2 * day

  const targets = past.targetsUp ?? 5
  for (let n = 0; n < 5; n += 1) {
    const job = n < 3 ? 'backend' : 'frontend'
    const name = `up{${label},job="${job}",instance="${job}-${n}"}`
    add('up', 'gauge', name, constant(today, n < targets ? 1 : 0))
  }
  if (past.nothingCounted) return

  const counter = (perSecond: number) =>
    times.map((at) => ({ at, value: (at - start) * perSecond }))
  const login = requestsPerSecond * logins
  const failed = (requestsPerSecond * errorPercent) / 100
  const refused = (login * loginFailurePercent) / 100
  const failures: readonly (readonly [labels: string, perSecond: number])[] = [
    ['route="/api/documents",status="500"', failed],
    ['route="/api/login",status="401"', refused],
  ]
  const rates: readonly (readonly [labels: string, perSecond: number])[] = [
    ['route="/api/documents",status="200"', requestsPerSecond - login - failed],
    ['route="/api/login",status="200"', login - refused],
    ...(past.noFailedSeries ? [] : failures),
  ]
  for (const [labels, perSecond] of rates) {
    add('http_requests', 'counter', `http_requests_total{${label},${labels}}`, counter(perSecond))
  }

  /** The 95th percentile lies exactly on a bucket's bound; half of all requests are below any other. */
  const share = (le: number, p95: number) => (le < p95 ? 0.5 : le === p95 ? 0.95 : 1)
  const changedAt = now - 5 * minute
  const bounds = new Set([p95Seconds, p95SecondsYesterday, p95SecondsBefore, 60])
  for (const le of [...[...bounds].toSorted((a, b) => a - b), Infinity]) {
    let value = 0
    let before = start
    const samples = times.map((at) => {
      const p95 =
        at < now - day / 2 ? p95SecondsYesterday : at <= changedAt ? p95SecondsBefore : p95Seconds
      value += (at - before) * requestsPerSecond * share(le, p95)
      before = at
      return { at, value }
    })
    const bound = le === Infinity ? '+Inf' : String(le)
    const family = 'http_request_duration_seconds'
    add(family, 'histogram', `${family}_bucket{${label},le="${bound}"}`, samples)
  }
  const users = past.activeUsersYesterday ?? 100
  add('active_users', 'gauge', `active_users{${label},job="backend"}`, constant(yesterday, users))
}

function timesBefore(end: number, seconds: number): number[] {
  const count = Math.floor(seconds / 15)
  return Array.from({ length: count }, (_, index) => end - (count - 1 - index) * 15)
}

const constant = (times: readonly number[], value: number): Sample[] =>
  times.map((at) => ({ at, value }))

/** The shipped queries, narrowed to one case. */
export function queriesFor(name: string): Record<string, unknown> {
  const only = `case="${name}"`
  return Object.fromEntries(
    Object.entries(MetricsSettings.parse({})).map(([key, query]) => [
      key,
      typeof query !== 'string'
        ? query
        : query
            .replaceAll(/(http_requests_total|up)\{/g, `$1{${only},`)
            .replaceAll(/(http_requests_total|_bucket|active_users)([[)])/g, `$1{${only}}$2`),
    ]),
  )
}
