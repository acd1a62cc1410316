/** What is wrong with the application right now; each is switched at will by a test. */
export type Faults = {
  /** Share of all requests answered 500. */
  readonly errorRatio: number
  /** Share of logins answered 401. */
  readonly authFailureRatio: number
  /** 1 is normal; 4 makes every request four times as slow. */
  readonly latencyFactor: number
  /** `/health` answers 503 and every request fails; `/metrics` goes on telling so. */
  readonly down: boolean
  readonly requestsPerSecond: number
}

export const noFaults: Faults = {
  errorRatio: 0,
  authFailureRatio: 0,
  latencyFactor: 1,
  down: false,
  requestsPerSecond: 40,
}

type Traffic = {
  /** Counts the requests of the time since the last call, under the faults as they were. */
  readonly advance: (faults: Faults) => void
  readonly metrics: (faults: Faults) => string
}

const loginShare = 0.1
const meanSeconds = 0.08
const activeUsers = 120
const bucketSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

const routes = [
  { route: '/api/documents', method: 'GET', share: 1 - loginShare },
  { route: '/api/login', method: 'POST', share: loginShare },
] as const

const statuses = ['200', '401', '500'] as const

type Status = (typeof statuses)[number]

const sharesOf = (route: string, faults: Faults): Record<Status, number> => {
  const failed = faults.down ? 1 : faults.errorRatio
  const refused = route === '/api/login' ? (1 - failed) * faults.authFailureRatio : 0
  return { '500': failed, '401': refused, '200': 1 - failed - refused }
}

/**
 * Requests nobody sends: counters that grow with the clock, in exact shares rather than by chance,
 * so that a ratio over a window is what the faults say. Durations are exponential: with a mean of
 * 80 ms the 95th percentile is 240 ms.
 */
export const syntheticTraffic = (now: () => number): Traffic => {
  let countedUntil = now()
  const requests = new Map<string, number>()
  const buckets = bucketSeconds.map(() => 0)
  let count = 0
  let sum = 0

  // Every series is there from the start: a counter that appears at 1 shows no increase.
  for (const { route, method } of routes) {
    for (const status of statuses) {
      if (status === '401' && route !== '/api/login') continue
      requests.set(`status="${status}",route="${route}",method="${method}"`, 0)
    }
  }

  const advance = (faults: Faults): void => {
    const until = now()
    const arrived = (Math.max(0, until - countedUntil) / 1000) * faults.requestsPerSecond
    countedUntil = until
    for (const { route, method, share } of routes) {
      const shares = sharesOf(route, faults)
      for (const status of statuses) {
        const labels = `status="${status}",route="${route}",method="${method}"`
        const before = requests.get(labels)
        if (before !== undefined) requests.set(labels, before + arrived * share * shares[status])
      }
    }
    const mean = meanSeconds * faults.latencyFactor
    for (const [index, le] of bucketSeconds.entries()) {
      buckets[index] = (buckets[index] ?? 0) + arrived * (1 - Math.exp(-le / mean))
    }
    count += arrived
    sum += arrived * mean
  }

  const metrics = (faults: Faults): string => {
    const working = faults.down ? 0 : 1 - faults.errorRatio
    const users = faults.requestsPerSecond === 0 ? 0 : Math.round(activeUsers * working)
    const total = Math.floor(count)
    return [
      '# HELP http_requests_total Requests answered.',
      '# TYPE http_requests_total counter',
      ...[...requests].map(([labels, n]) => `http_requests_total{${labels}} ${Math.floor(n)}`),
      '# HELP http_request_duration_seconds Time from request to answer.',
      '# TYPE http_request_duration_seconds histogram',
      ...bucketSeconds.map((le, index) => {
        const inside = Math.floor(buckets[index] ?? 0)
        return `http_request_duration_seconds_bucket{le="${le}"} ${inside}`
      }),
      `http_request_duration_seconds_bucket{le="+Inf"} ${total}`,
      `http_request_duration_seconds_sum ${sum}`,
      `http_request_duration_seconds_count ${total}`,
      '# HELP active_users People who did something lately.',
      '# TYPE active_users gauge',
      `active_users ${users}`,
      '',
    ].join('\n')
  }

  return { advance, metrics }
}
