import { changes, type Incident, type OverTime, type Served } from './incident.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Everything has been running for longer than anybody looks back. */
const ORIGIN_AGO = 9 * DAY
const LADDER = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const

type Lines = Map<string, { readonly type: string; readonly lines: string[] }>
type Write = (
  family: string,
  type: string,
  series: string,
  samples: readonly (readonly [at: number, value: number])[],
) => void

/** Every incident's past in OpenMetrics text, each under its own `case`. */
export function writtenIncidents(incidents: readonly Incident[], now: number): string {
  const families: Lines = new Map()
  for (const incident of incidents) {
    for (const { served, job, times } of servedIn(incident, now)) {
      record(
        served,
        { job, times, now, labels: { case: incident.name, ...served.labels } },
        (family, type, series, samples) => {
          const { lines } = families.get(family) ?? { lines: new Array<string>() }
          for (const [at, value] of samples)
            lines.push(`${renamed(series, served)} ${value.toFixed(4)} ${at.toFixed(3)}`)
          families.set(family, { type, lines })
        },
      )
    }
  }
  const all = [...families].flatMap(([family, { type, lines }]) => [
    `# TYPE ${family} ${type}`,
    ...lines,
  ])
  return [...all, '# EOF'].join('\n')
}

function renamed(series: string, { renamed: names = {} }: Served): string {
  return Object.entries(names).reduce((text, [from, to]) => {
    return text.replaceAll(new RegExp(`([{,])${from}=`, 'g'), `$1${to}=`)
  }, series)
}

function servedIn(
  { backend = {}, frontend = {}, others = [], yesterday, lastWeek }: Incident,
  now: number,
) {
  const one = (job: string, served: Served) => {
    const { scrapeSeconds = 15, firstSeenAgo = Infinity, closelySeconds = 13 * MINUTE } = served
    const days = [
      ...(lastWeek === null ? [] : [{ offset: 7 * DAY, as: lastWeek?.backend }]),
      ...(yesterday === null ? [] : [{ offset: DAY, as: yesterday?.backend }]),
    ]
    const before = days.flatMap(({ offset, as }) => {
      if (firstSeenAgo < offset) return []
      const usual = as ? { ...served, ...as } : quiet(served)
      return [
        {
          served: usual,
          job,
          times: steps(now - offset - 70 * MINUTE, now - offset + 10 * MINUTE, 120),
        },
      ]
    })
    const coarse = steps(now - 190 * MINUTE, now - closelySeconds, Math.max(120, scrapeSeconds))
    const fine = steps(now - closelySeconds, now - 3, scrapeSeconds)
    return [...before, { served, job, times: [...coarse, ...fine] }]
  }
  return [
    ...one('backend', backend),
    ...(frontend === null ? [] : one('frontend', { loginsPerSecond: 0, ...frontend })),
    ...others.flatMap((other) => one(other.job ?? 'backend', other)),
  ]
}

/** The same service before anything of the incident. */
function quiet(served: Served): Served {
  const ended = new Set(['crashLoop', 'downSinceAgo', 'endedAgo', 'failing'])
  const before = Object.entries(served)
    .filter(([key]) => !ended.has(key))
    .map(([key, value]) => [
      key,
      Array.isArray(value) && key !== 'ladder' && key !== 'evenlyBetween' ? value[0] : value,
    ])
  return Object.fromEntries(before)
}

/** The newest is a little before the end, as it would be. */
function steps(from: number, to: number, step: number): number[] {
  const count = Math.floor((to - from) / step)
  return Array.from({ length: count }, (_, index) => to - (count - 1 - index) * step)
}

type Of = {
  job: string
  times: readonly number[]
  now: number
  labels: Readonly<Record<string, string>>
}

function record(served: Served, { job, times, now, labels }: Of, write: Write): void {
  const { instances = 2, perSecond = 10, loginsPerSecond = 1, statusLabel = 'status' } = served
  const { firstSeenAgo = Infinity, endedAgo = 0, downSinceAgo = 0, crashLoop } = served
  const seen = times.filter((at) => at >= now - firstSeenAgo && at <= now - endedAgo)
  const answered = seen.filter((at) => at <= now - downSinceAgo)
  const { failingInstances = instances } = served
  for (let index = 0; index < instances; index += 1) {
    const named = { ...labels, job: served.job ?? job, instance: `${served.named ?? job}-${index}` }
    const text = Object.entries(named)
      .map(([key, value]) => `${key}="${value}"`)
      .join()
    write(
      'up',
      'gauge',
      `up{${text}}`,
      seen.map((at) => [at, at <= now - downSinceAgo ? 1 : 0]),
    )
    const loops = crashLoop !== undefined && index < crashLoop.instances
    const startOf = (at: number): number => {
      const began = now - (served.startedAgo ?? ORIGIN_AGO)
      const first = loops ? now - crashLoop.sinceAgo : Infinity
      if (!loops || at < first) return began
      return first + Math.floor((at - first) / crashLoop.everySeconds) * crashLoop.everySeconds
    }
    if (!served.noStartTime) {
      write(
        'process_start_time_seconds',
        'gauge',
        `process_start_time_seconds{${text}}`,
        answered.map((at) => [at, startOf(at)]),
      )
    }
    const share = 1 / instances
    const failShare = index < failingInstances ? instances / failingInstances : 0
    const counted = (...factors: readonly OverTime[]) =>
      answered.map((at) => [at, share * integral(factors, startOf(at), at, now)] as const)
    const requests = (route: string, status: string, ...factors: readonly OverTime[]) => {
      const samples = counted(...factors)
      const isBorn = served.bornFailures && status.startsWith('5')
      const existing = isBorn ? samples.filter(([, value]) => value > 0) : samples
      const name = `http_requests_total{${text},route="${route}",${statusLabel}="${status}"}`
      write('http_requests', 'counter', name, existing)
    }
    const errors = scaled(served.errorPercent ?? 0.2, failShare / 100)
    const refused = scaled(served.loginFailurePercent ?? 0.5, 1 / 100)
    const apart = minus(perSecond, loginsPerSecond)
    requests('/api/documents', '200', apart, oneMinus(errors))
    requests('/api/documents', '500', apart, errors)
    if (loginsPerSecond !== 0) {
      requests('/api/login', '200', loginsPerSecond, oneMinus(refused))
      requests('/api/login', '401', loginsPerSecond, refused)
    }
    for (const [route, status, often] of served.failing ?? []) requests(route, status, often)
    durations(served, { text, perSecond, write }, counted)
  }
}

function durations(
  { ladder = LADDER, meanSeconds = 0.06, evenlyBetween, noSum, summaryToo }: Served,
  { text, perSecond, write }: { text: string; perSecond: OverTime; write: Write },
  counted: (...factors: readonly OverTime[]) => readonly (readonly [number, number])[],
): void {
  const family = 'http_request_duration_seconds'
  const below = (le: number): OverTime =>
    evenlyBetween
      ? both(evenlyBetween[0], evenlyBetween[1], (low, high) =>
          Math.min(1, Math.max(0, (le - low) / (high - low))),
        )
      : mapped(meanSeconds, (mean) => 1 - Math.exp(-le / mean))
  for (const le of ladder) {
    write(
      family,
      'histogram',
      `${family}_bucket{${text},le="${le}"}`,
      counted(perSecond, below(le)),
    )
  }
  write(family, 'histogram', `${family}_bucket{${text},le="+Inf"}`, counted(perSecond))
  if (summaryToo) {
    const samples = counted(perSecond).map(([at]) => [at, 0.18] as const)
    write(family, 'histogram', `${family}{${text},quantile="0.95"}`, samples)
  }
  if (noSum) return
  const mean = evenlyBetween
    ? both(evenlyBetween[0], evenlyBetween[1], (low, high) => (low + high) / 2)
    : meanSeconds
  write(family, 'histogram', `${family}_count{${text}}`, counted(perSecond))
  write(family, 'histogram', `${family}_sum{${text}}`, counted(perSecond, mean))
}

/** How much came together between two moments, at so much a second. */
function integral(factors: readonly OverTime[], from: number, to: number, now: number): number {
  const moments = factors.flatMap((one) => changes(one).map(([ago]) => now - ago))
  const bounds = [
    from,
    ...moments.filter((at) => at > from && at < to).toSorted((a, b) => a - b),
    to,
  ]
  let sum = 0
  for (const [index, end] of bounds.entries()) {
    const start = bounds[index - 1]
    if (start === undefined) continue
    const middle = now - (start + end) / 2
    sum +=
      (end - start) * factors.reduce<number>((product, one) => product * valueAt(one, middle), 1)
  }
  return sum
}

function valueAt(value: OverTime, ago: number): number {
  return changes(value).findLast(([since]) => ago <= since)?.[1] ?? 0
}

function mapped(value: OverTime, change: (one: number) => number): OverTime {
  const [[, first] = [0, 0], ...later] = changes(value)
  return [change(first), ...later.map(([ago, one]) => [ago, change(one)] as const)]
}

function both(a: OverTime, b: OverTime, change: (one: number, other: number) => number): OverTime {
  const moments = [...new Set([...changes(a), ...changes(b)].map(([ago]) => ago))].toSorted(
    (x, y) => y - x,
  )
  const [, ...later] = moments
  const at = (ago: number) => change(valueAt(a, ago), valueAt(b, ago))
  return [at(Infinity), ...later.map((ago) => [ago, at(ago)] as const)]
}

const scaled = (value: OverTime, factor: number): OverTime => mapped(value, (one) => one * factor)
const oneMinus = (value: OverTime): OverTime => mapped(value, (one) => 1 - one)
const minus = (a: OverTime, b: OverTime): OverTime =>
  both(a, b, (one, other) => Math.max(0, one - other))
