import type { Interval } from '../domain/assessment/detail.ts'
import { boundsAround, type Bounds } from './native-bounds.ts'
import type { Labelled } from '../ports/metrics.ts'
import type { Parts } from './parts.ts'

/** Where so great a share of all durations is below, and between which bounds that is for sure. */
export type Quantile = { readonly seconds: number; readonly low: number; readonly high: number }

/** What was counted of durations over one time. */
export type Durations = {
  readonly events: number
  /** `Infinity` is the last one. */
  readonly buckets: readonly { readonly le: number; readonly below: number }[]
  /** All durations together, in seconds; `null`: not told. */
  readonly sum: number | null
  /** Told by a native histogram: the quantile, and the bounds of its bucket; `null`: it is none. */
  readonly native: Quantile | null
}

/** One service of all, by what its label says. */
export type OneOf = { readonly by: string; readonly service: string }

/** Of all services, or of one of them. `null`: nothing was counted. */
export function durationsIn(
  parts: Parts,
  name: string,
  bounds: readonly Bounds[] = [],
  one?: OneOf,
): Durations | null {
  const told = (part: string) => {
    const finite = parts.series(`${part} ${name}`).filter(({ value }) => Number.isFinite(value))
    return one ? finite.filter(({ labels }) => (labels[one.by] ?? '') === one.service) : finite
  }
  const buckets = bucketsOf(told('buckets'))
  const last = buckets.at(-1)
  const [quantile] = told(one ? 'own-native' : 'native')
  const nativeCount = summed(told('native-count')) ?? 0
  // While services change over, whichever counts nearly all of them.
  if (quantile && nativeCount > 0 && nativeCount >= 0.9 * (last?.below ?? 0)) {
    const native = { seconds: quantile.value, ...boundsAround(quantile.value, bounds) }
    return { events: nativeCount, buckets: [], sum: summed(told('native-sum')), native }
  }
  if (!last || last.le !== Infinity || !(last.below > 0)) return null
  return { events: last.below, buckets, sum: summed(told('sum')), native: null }
}

function bucketsOf(series: readonly Labelled[]): Durations['buckets'] {
  const byBound = Map.groupBy(series, ({ labels }) => labels['le'] ?? '')
  return [...byBound]
    .map(([le, all]) => ({ le: le === '+Inf' ? Infinity : Number(le), below: summed(all) ?? 0 }))
    .toSorted((a, b) => a.le - b.le)
}

/** `null`: of nothing. */
function summed(series: readonly Labelled[]): number | null {
  return series.length === 0 ? null : series.reduce((sum, { value }) => sum + value, 0)
}

/** So near to a bound of a bucket the quantile is that bound: it is exact. */
function isAt(share: number, level: number, events: number): boolean {
  const chance = Math.sqrt((level * (1 - level)) / events)
  return Math.abs(share - level) <= Math.max(0.002, chance / 2)
}

function nearest(
  buckets: Durations['buckets'],
  distance: (share: number) => number,
  events: number,
) {
  const finite = buckets.filter(({ le }) => le !== Infinity)
  const [first] = finite.toSorted((a, b) => distance(a.below / events) - distance(b.below / events))
  return first
}

export function quantileOf({ events, buckets, native }: Durations, level: number): Quantile | null {
  if (native !== null) return native
  const exact = nearest(buckets, (share) => Math.abs(share - level), events)
  if (exact && isAt(exact.below / events, level, events))
    return { seconds: exact.le, low: exact.le, high: exact.le }
  const index = buckets.findIndex(({ below }) => below / events >= level)
  const [bucket, before] = [buckets[index], buckets[index - 1]]
  if (!bucket) return null
  const low = before?.le ?? 0
  if (bucket.le === Infinity) return before ? { seconds: low, low, high: Infinity } : null
  const inside = bucket.below - (before?.below ?? 0)
  const within = inside > 0 ? (level * events - (before?.below ?? 0)) / inside : 1
  return { seconds: low + (bucket.le - low) * within, low, high: bucket.le }
}

export type Rise = { readonly percent: number; readonly interval: Interval | null }

/** Of a share above a bound that is smaller or greater than this, nothing follows for the slow ones. */
const TELLING = { from: 0.01, to: 0.4 }

/**
 * How much slower it is. The quantile lies somewhere in a bucket; the share of durations above a bound is exact,
 * and how far the bounds moved of which the same share is above tells what the bucket alone does not.
 */
export function riseOf(now: Durations, then: Durations, level: number): Rise | null {
  const [late, early] = [quantileOf(now, level), quantileOf(then, level)]
  if (!late || !early || early.seconds <= 0) return null
  const plain = 100 * (late.seconds / early.seconds - 1)
  const widest = {
    low: 100 * (late.low / early.high - 1),
    high: early.low > 0 ? 100 * (late.high / early.low - 1) : Infinity,
  }
  if (widest.low === widest.high) return { percent: plain, interval: null }
  const told = [...movedBounds(now, then), ...meanRise(now, then)]
  if (told.length === 0) return bounded(plain, widest)
  const [lowest, highest] = [Math.min(...told), Math.max(...told)]
  return bounded(plain, {
    low: Math.min(Math.max(widest.low, lowest), widest.high),
    high: Math.max(Math.min(widest.high, highest), widest.low),
  })
}

function bounded(percent: number, { low, high }: { low: number; high: number }): Rise {
  const clipped = Math.min(Math.max(percent, low), high)
  const isNarrow = high - low < 1
  const top = Math.min(high, UNBOUNDED)
  return { percent: clipped, interval: isNarrow ? null : { low, high: top, because: 'buckets' } }
}

/** JSON knows no infinity. Percent. */
export const UNBOUNDED = 1_000_000

function movedBounds(now: Durations, then: Durations): readonly number[] {
  const moved = (of: Durations, other: Durations, rise: (bound: number, same: number) => number) =>
    of.buckets.flatMap(({ le, below }) => {
      const above = 1 - below / of.events
      if (le === Infinity || above < TELLING.from || above > TELLING.to) return []
      const same = quantileOf(other, 1 - above)
      return same && same.high !== Infinity && same.seconds > 0 ? [rise(le, same.seconds)] : []
    })
  return [
    ...moved(now, then, (bound, same) => 100 * (bound / same - 1)),
    ...moved(then, now, (bound, same) => 100 * (same / bound - 1)),
  ]
}

/** Where no bound tells, the mean of all durations does, so long as it says that nothing is slower. */
function meanRise(now: Durations, then: Durations): readonly number[] {
  if (movedBounds(now, then).length > 0 || !now.sum || !then.sum) return []
  const rise = 100 * (now.sum / now.events / (then.sum / then.events) - 1)
  return rise < MEAN_IS_UNCHANGED ? [rise] : []
}

const MEAN_IS_UNCHANGED = 5
