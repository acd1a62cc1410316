import {
  BASELINES,
  type Baseline,
  type Detail,
  type Interval,
} from '../domain/assessment/detail.ts'
import { inWords } from '../domain/text/duration.ts'
import type { Durations } from './durations.ts'
import { quantileOf, riseOf, UNBOUNDED } from './durations.ts'
import { tooOld } from './metric-answer.ts'
import { AT_THIS_HOUR_YESTERDAY, found, inconclusive, type Finding } from './probe.ts'
import { percentOf, round } from './ratio.ts'

export type BaselineOf = Baseline['of']

export type LatencyRead = {
  readonly now: Durations
  readonly before: Partial<Readonly<Record<BaselineOf, Durations>>>
  readonly ageSeconds: number | null
  /** Why the time before the deploy cannot be had, where there may have been one. */
  readonly deployUnknown: string | null
}

export type LatencyAsked = {
  readonly quantile: number
  readonly windowSeconds: number
  readonly minimumEvents: number
  readonly staleAfterSeconds: number
  readonly elevatedPercent: number
  /** So much slower than another baseline, one is itself an incident. */
  readonly highPercent: number
}

export const WHEN: Readonly<Record<BaselineOf, string>> = {
  'before-deploy': 'before the deploy',
  'hour-ago': 'an hour ago',
  'last-week': 'at this hour a week ago',
  yesterday: AT_THIS_HOUR_YESTERDAY,
}

/** What the newest buckets mean beside those of before. */
export function judgedLatency(read: LatencyRead, asked: LatencyAsked): Finding {
  const { now, ageSeconds } = read
  const { quantile, minimumEvents } = asked
  const freshness = { ageSeconds }
  if (ageSeconds === null || ageSeconds > asked.staleAfterSeconds) {
    return tooOld(ageSeconds, asked.staleAfterSeconds)
  }
  const p95 = quantileOf(now, quantile)
  if (!p95) return inconclusive('no-data', 'Prometheus has no data for p95 latency')
  const counts = { part: 0, whole: now.events }
  if (now.events < minimumEvents) {
    const words = `only ${Math.round(now.events)} requests in ${inWords(1_000 * asked.windowSeconds)}: of fewer than ${Math.round(minimumEvents)} a p95 says nothing`
    return { ...inconclusive('no-traffic', words), detail: { counts, freshness } }
  }
  const baselines = usableBaselines(read, asked)
  const detail: Detail = { counts, freshness, baselines: [...baselines] }
  const bounds =
    p95.low === p95.high || p95.high === Infinity
      ? ''
      : ` (between ${inMs(p95.low)} and ${inMs(p95.high)} ms)`
  const p95InWords = `p95 ${inMs(p95.seconds)} ms${bounds}`
  const chosen = chosenBaseline(baselines)
  const then = chosen && read.before[chosen.of]
  const rise = then ? riseOf(now, then, quantile) : null
  if (!chosen || !rise) {
    const words = `${p95InWords}, and there is no baseline to compare it with`
    return { ...inconclusive('no-data', words), detail: { ...detail, baseline: null } }
  }
  return compared(read, asked, { chosen, detail, rise, p95InWords })
}

function compared(
  read: LatencyRead,
  asked: LatencyAsked,
  found_: {
    readonly chosen: Baseline
    readonly detail: Detail
    readonly rise: { readonly percent: number; readonly interval: Interval | null }
    readonly p95InWords: string
  },
): Finding {
  const { chosen, detail, rise, p95InWords } = found_
  const slower = percentOf(rise.percent / 100)
  const against = `${p95InWords}, ${signed(slower)} % against ${inMs(chosen.value)} ms ${WHEN[chosen.of]}`
  if (read.deployUnknown !== null && chosen.of !== 'before-deploy') {
    const words = `when it was deployed is not known (${read.deployUnknown}), so neither is what it was before; ${against}`
    const finding = found(slower, 'healthy', words)
    return {
      ...finding,
      verdict: 'inconclusive',
      detail: { ...detail, interval: ANY_RISE, baseline: null },
    }
  }
  const interval = disagreeing(read, asked, chosen, detail.baselines ?? []) ?? rise.interval
  const isSlower = slower >= asked.elevatedPercent
  const isAlone = chosen.of === 'hour-ago' && !isSlower
  if (isAlone) {
    const words = `${against}, and nothing older to compare it with`
    return { ...inconclusive('no-data', words), detail: { ...detail, baseline: chosen } }
  }
  const isUncertain =
    interval !== null && interval.high > asked.highPercent && interval.low <= asked.highPercent
  const between = isUncertain ? `; it may be ${rangeInWords(interval)}` : ''
  const finding = found(slower, isSlower ? 'degraded' : 'healthy', against)
  return {
    ...finding,
    ...(isUncertain && !isSlower ? { verdict: 'inconclusive' } : {}),
    summary: between === '' ? against : `${against}${between}`,
    detail: { ...detail, interval, baseline: chosen },
  }
}

/** What it was before is not known, so that it may be anything. */
export const ANY_RISE = { low: -100, high: UNBOUNDED, because: 'baselines' } as const

function rangeInWords({ low, high, because }: Interval): string {
  const why = because === 'baselines' ? 'the baselines differ' : 'durations are counted in buckets'
  const top = high >= UNBOUNDED ? 'any more' : `${signed(high)} %`
  return `${signed(low)} % to ${top}, as ${why}`
}

function usableBaselines({ before }: LatencyRead, asked: LatencyAsked): readonly Baseline[] {
  const told = BASELINES.flatMap((of) => {
    const durations = before[of]
    const p95 = durations && quantileOf(durations, asked.quantile)
    if (!durations || !p95 || p95.seconds <= 0 || durations.events < asked.minimumEvents) return []
    return [{ of, value: p95.seconds, unit: 's', events: Math.round(durations.events) }]
  })
  // An hour ago it may have been as bad as now, and no sign of what is usual.
  const usual = told.filter(({ of }) => of !== 'hour-ago')
  const fastest = Math.min(...usual.map(({ value }) => value))
  const limit = fastest * (1 + asked.highPercent / 100)
  return told.map((one) => ({ ...one, abnormal: one.value > limit }))
}

/** The nearest that is as usual. */
function chosenBaseline(baselines: readonly Baseline[]): Baseline | null {
  const order: readonly BaselineOf[] = ['before-deploy', 'yesterday', 'last-week', 'hour-ago']
  const sorted = order.flatMap((of) => baselines.find((one) => one.of === of) ?? [])
  const usual = sorted.filter(({ of }) => of !== 'hour-ago')
  return usual.find(({ abnormal }) => !abnormal) ?? usual[0] ?? sorted[0] ?? null
}

/** One that was passed over as abnormal leaves open which of them is usual. */
function disagreeing(
  { now, before }: LatencyRead,
  { quantile }: LatencyAsked,
  chosen: Baseline,
  baselines: readonly Baseline[],
): Interval | null {
  if (chosen.of === 'before-deploy') return null
  const passedOver = baselines.filter(({ of, abnormal }) => abnormal && of !== 'hour-ago')
  const all = [chosen, ...passedOver].flatMap(({ of }) => {
    const then = before[of]
    const rise = then ? riseOf(now, then, quantile) : null
    return rise ? [rise.interval?.low ?? rise.percent, rise.interval?.high ?? rise.percent] : []
  })
  if (passedOver.length === 0 || all.length === 0) return null
  return { low: Math.min(...all), high: Math.max(...all), because: 'baselines' }
}

export function inMs(seconds: number): number {
  return Math.round(seconds * 1000)
}

export function signed(percent: number): string {
  return `${percent >= 0 ? '+' : ''}${round(percent, 1)}`
}
