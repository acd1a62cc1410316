/** One counter or gauge of a case: how fast it grows, or what it is, so many minutes ago. */
export type Told = {
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
  /** Per second for a counter, the value for a gauge; `null`: it was not there. */
  readonly at: (minutesAgo: number) => number | null
  readonly type: 'counter' | 'gauge'
}

const STEP_SECONDS = 15
const DAY_MINUTES = 24 * 60

/** Of how long is told: seven hours of now, and a quarter of an hour around this hour yesterday and last week. */
const TOLD_MINUTES = [
  [7 * DAY_MINUTES + 10, 7 * DAY_MINUTES - 5],
  [DAY_MINUTES + 10, DAY_MINUTES - 5],
  // Some of it is still to come, so that the newest sample is fresh however slow the tests are.
  [7 * 60, -15],
] as const

/** OpenMetrics text of all of it. */
export function toldPast(told: readonly Told[], nowMs: number): string {
  const families = Map.groupBy(told, ({ metric }) => metric)
  const lines = [...families].flatMap(([metric, series]) => [
    `# TYPE ${metric} ${series[0]?.type ?? 'gauge'}`,
    ...series.flatMap((one) => samplesOf(one, nowMs / 1_000)),
  ])
  return [...lines, '# EOF'].join('\n')
}

function samplesOf({ metric, labels, at, type }: Told, now: number): readonly string[] {
  const names = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  const name = `${metric}${type === 'counter' ? '_total' : ''}{${names.join(',')}}`
  let count = 0
  return TOLD_MINUTES.flatMap(([from, to]) => {
    const lines: string[] = []
    for (let ago = from * 60; ago >= to * 60; ago -= STEP_SECONDS) {
      const value = at(ago / 60)
      if (value === null) continue
      count += type === 'counter' ? value * STEP_SECONDS : 0
      const shown = type === 'counter' ? count : value
      lines.push(`${name} ${shown.toFixed(4)} ${(now - ago).toFixed(3)}`)
    }
    return lines
  })
}

/** A service in short: requests per second, and percentages of them. */
export type Service = {
  readonly case: string
  /** They share the requests evenly. */
  readonly jobs?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly perSecond?: (minutesAgo: number) => number
  readonly serverErrors?: (minutesAgo: number) => number
  readonly unavailable?: (minutesAgo: number) => number
  readonly notFound?: (minutesAgo: number) => number
  /** Of five targets. */
  readonly up?: number
  /** Nothing was counted before. */
  readonly bornMinutesAgo?: number
}

function shared(rate: number | null, among: number): number | null {
  return rate === null ? null : rate / among
}

const never = (): number => 0

/** Its counters, its latency (the same all the time), and its targets. */
export function serviceTold(service: Service): readonly Told[] {
  const { perSecond = () => 20, serverErrors = () => 0.2, unavailable = never, up = 5 } = service
  const { notFound = () => 2, jobs = ['backend'], bornMinutesAgo = Infinity } = service
  const common = { case: service.case, ...service.labels }
  const counted = (metric: string, labels: Record<string, string>, at: Told['at']): Told => {
    return { metric, labels: { ...common, ...labels }, at, type: 'counter' }
  }
  const share = (percent: (ago: number) => number) => (ago: number) =>
    ago > bornMinutesAgo ? null : (perSecond(ago) * percent(ago)) / 100
  const born = (rate: number) => (ago: number) => (ago > bornMinutesAgo ? null : rate)
  const well = (ago: number) => 100 - serverErrors(ago) - unavailable(ago) - notFound(ago)
  const documents = { route: '/api/documents' }
  const told = [
    counted('http_requests', { ...documents, status: '200' }, share(well)),
    counted('http_requests', { ...documents, status: '404' }, share(notFound)),
    counted('http_requests', { ...documents, status: '500' }, share(serverErrors)),
    counted('http_requests', { ...documents, status: '503' }, share(unavailable)),
    counted('http_requests', { route: '/api/login', status: '200' }, born(1)),
    counted('http_requests', { route: '/api/login', status: '401' }, born(0.005)),
  ]
  const targets = Array.from({ length: 5 }, (_, n): Told => {
    const which = { instance: `${n}`, job: n < 3 ? 'backend' : 'frontend' }
    const labels = { case: service.case, ...which }
    return { metric: 'up', labels, at: () => (n < up ? 1 : 0), type: 'gauge' }
  })
  const buckets = ['0.1', '0.2', '0.3', '+Inf'].map((le, index): Told => {
    const labels = { ...common, le }
    const rate = [0.5, 0.95, 1, 1][index] ?? 1
    return { metric: BUCKET, labels, at: (ago) => perSecond(ago) * rate, type: 'gauge' }
  })
  const perJob = jobs.flatMap((job) =>
    [...told, ...buckets].map((one): Told => {
      const at = (ago: number) => shared(one.at(ago), jobs.length)
      return { ...one, labels: { ...one.labels, job }, at }
    }),
  )
  const isBucket = ({ metric }: Told) => metric === BUCKET
  return [...targets, ...perJob.map((one) => (isBucket(one) ? summed(one) : one))]
}

const BUCKET = 'http_request_duration_seconds_bucket'

/** Written as what it is: a number that only grows. */
function summed(bucket: Told): Told {
  let sum = 0
  const at = (ago: number) => (sum += (bucket.at(ago) ?? 0) * STEP_SECONDS)
  return { ...bucket, at }
}

export function usersTold(name: string): Told {
  return { metric: 'active_users', labels: { case: name }, at: () => 100, type: 'gauge' }
}
