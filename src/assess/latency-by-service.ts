import type { Baseline, Interval, ServicePart } from '../domain/assessment/detail.ts'
import { quantileOf, riseOf, UNBOUNDED, type Durations } from './durations.ts'
import { inMs, signed, WHEN, type LatencyAsked } from './latency.ts'
import type { Finding } from './probe.ts'
import { percentOf } from './ratio.ts'

/** What one service answered now, and at the time that all of them are held against. */
export type ServiceDurations = {
  readonly service: string
  readonly now: Durations | null
  readonly before: Durations | null
  readonly ageSeconds: number | null
}

/**
 * How far chance alone moves a p95 of so many, as a share of it and for 95 of 100 times; of durations that fall off as
 * those of services do.
 */
const BY_CHANCE = 2.85

/**
 * The same finding with each service by itself: one with a small part of all requests may be slow, and all of them
 * together as fast as ever. A service counts where it is surely slower, and is named.
 */
export function withServices(
  finding: Finding,
  services: readonly ServiceDurations[],
  asked: LatencyAsked,
): Finding {
  const { detail } = finding
  if (finding.class !== 'value' || !detail?.baseline || services.length === 0) return finding
  // Then it is open what is usual, for each of them too.
  if (detail.interval?.because === 'baselines') return finding
  const { of } = detail.baseline
  const parts = services.flatMap((one) => partOf(one, of, asked) ?? [])
  const slow = parts.filter(({ interval }) => (interval?.low ?? 0) >= asked.elevatedPercent)
  const words = slow.map(({ service, says }) => `${service} ${says}`)
  return {
    ...finding,
    ...(slow.length > 0 ? { verdict: 'degraded' } : {}),
    summary: [finding.summary, ...words].join('; '),
    detail: { ...detail, services: parts },
  }
}

/** `null`: too little is known of it to say anything. */
function partOf(
  { service, now, before, ageSeconds }: ServiceDurations,
  of: Baseline['of'],
  { quantile, minimumEvents, staleAfterSeconds }: LatencyAsked,
): ServicePart | null {
  if (!now || !before || ageSeconds === null || ageSeconds > staleAfterSeconds) return null
  if (Math.min(now.events, before.events) < minimumEvents) return null
  const [late, early] = [quantileOf(now, quantile), quantileOf(before, quantile)]
  const rise = riseOf(now, before, quantile)
  if (!late || !early || !rise) return null
  const percent = percentOf(rise.percent / 100)
  return {
    service,
    counts: { part: 0, whole: Math.round(now.events) },
    percent,
    interval: byChance(percent, rise.interval, [now.events, before.events]),
    windows: [],
    ageSeconds,
    says: `p95 ${inMs(late.seconds)} ms, ${signed(percent)} % against ${inMs(early.seconds)} ms ${WHEN[of]}`,
  }
}

function byChance(
  percent: number,
  known: Interval | null,
  events: readonly number[],
): Interval | null {
  const chance = BY_CHANCE * Math.sqrt(events.reduce((sum, count) => sum + 1 / count, 0))
  const { low, high } = known ?? { low: percent, high: percent }
  return {
    low: multiplied(low, Math.exp(-chance)),
    high: Math.min(UNBOUNDED, multiplied(high, Math.exp(chance))),
    because: known?.because ?? 'few',
  }
}

/** A rise of so many percent that is so many times as steep. */
function multiplied(percent: number, factor: number): number {
  return 100 * ((1 + percent / 100) * factor - 1)
}
