import type { MetricsState } from './metrics.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const everyMs = 15_000

/**
 * The state as Prometheus would have recorded it, in OpenMetrics text: the last hour and a half, and
 * as much around this hour yesterday. Counters rise evenly, so rates come out as they went in.
 */
export function pastOf(state: MetricsState, nowMs: number, deployedAtMs: number): string {
  const { requestsPerSecond, errorsPerSecond, p95Seconds, p95SecondsBefore } = state
  const times = [...timesBefore(nowMs - dayMs + 10 * minuteMs), ...timesBefore(nowMs)]
  const errorsAt = (atMs: number): number =>
    (Math.max(0, atMs - deployedAtMs) / 1000) * errorsPerSecond
  const totalAt = (atMs: number): number => ((atMs - nowMs + 2 * dayMs) / 1000) * perSecond
  const perSecond = requestsPerSecond ?? 0
  const bounds = [...new Set([p95SecondsBefore / 2, p95SecondsBefore, p95Seconds, 10])].toSorted(
    (a, b) => a - b,
  )
  /** The requests not slower than `le`, each period with its own p95. */
  const fasterAt = (le: number, atMs: number): number => {
    const before = totalAt(Math.min(atMs, deployedAtMs))
    const since = totalAt(atMs) - before
    const share = (p95: number): number => (le < p95 ? 0.5 : le === p95 ? 0.95 : 1)
    return before * share(p95SecondsBefore) + since * share(p95Seconds)
  }
  const requests = [
    family('http_requests', 'counter'),
    ...series('http_requests_total{status="500",route="/api/documents"}', times, errorsAt),
    ...series(
      'http_requests_total{status="200",route="/api/documents"}',
      times,
      (atMs) => totalAt(atMs) - errorsAt(atMs),
    ),
    family('http_request_duration_seconds', 'histogram'),
    ...[...bounds, Infinity].flatMap((le) =>
      series(
        `http_request_duration_seconds_bucket{le="${le === Infinity ? '+Inf' : le}"}`,
        times,
        (atMs) => fasterAt(le, atMs),
      ),
    ),
  ]
  return [
    ...(requestsPerSecond === null ? [] : requests),
    family('active_users', 'gauge'),
    ...series('active_users{job="backend"}', times, () => state.activeUsersYesterday),
    '# EOF',
  ].join('\n')
}

function timesBefore(endMs: number): number[] {
  const count = Math.floor((90 * minuteMs) / everyMs)
  return Array.from({ length: count }, (_, index) => endMs - (count - 1 - index) * everyMs)
}

const family = (name: string, type: string): string => `# TYPE ${name} ${type}`

const series = (name: string, times: readonly number[], valueAt: (atMs: number) => number) =>
  times.map((atMs) => `${name} ${valueAt(atMs).toFixed(3)} ${(atMs / 1000).toFixed(3)}`)
