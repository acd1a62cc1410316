import { describe, expect, test } from 'vitest'
import { durationsIn, quantileOf, riseOf, type Durations } from '../../../src/assess/durations.ts'
import { boundsAround, nativeBounds } from '../../../src/assess/native-bounds.ts'
import { partsIn } from '../../../src/assess/parts.ts'
import type { Labelled } from '../../../src/ports/metrics.ts'
import { PART } from '../../../src/promql/ask-together.ts'

const LADDER = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

function durations(
  below: (le: number) => number,
  { ladder = LADDER, mean = null }: { ladder?: readonly number[]; mean?: number | null } = {},
): Durations {
  const events = 3_000
  const buckets = [...ladder, Infinity].map((le) => ({
    le,
    below: le === Infinity ? events : events * below(le),
  }))
  return { events, buckets, sum: mean === null ? null : mean * events, native: null }
}

const exponential = (mean: number) => durations((le) => 1 - Math.exp(-le / mean))
const even = (low: number, high: number, ladder: readonly number[], mean: number | null = null) =>
  durations((le) => Math.min(1, Math.max(0, (le - low) / (high - low))), { ladder, mean })

describe('a p95', () => {
  test('lies between the bounds of its bucket', () => {
    expect(quantileOf(exponential(0.06), 0.95)).toMatchObject({ low: 0.1, high: 0.25 })
  })

  test('is a bound where just so many are below it', () => {
    const exact = { seconds: 0.25, low: 0.25, high: 0.25 }
    expect(
      quantileOf(
        durations((le) => (le < 0.25 ? 0.5 : 0.95)),
        0.95,
      ),
    ).toEqual(exact)
  })

  test('above the last bound is known to be above it, and no more', () => {
    expect(
      quantileOf(
        durations(() => 0.5),
        0.95,
      ),
    ).toMatchObject({ low: 10, high: Infinity })
  })
})

describe('a rise', () => {
  test('within one wide bucket is not known', () => {
    const ladder = [0.1, 1, 10]
    const rise = riseOf(even(0.3, 0.53, ladder), even(0.11, 0.31, ladder), 0.95)
    expect(rise?.interval?.because).toBe('buckets')
    expect(rise?.interval?.low).toBeLessThan(0)
    expect(rise?.interval?.high).toBeGreaterThan(70)
  })

  test('of nothing within one wide bucket is known by the mean', () => {
    const ladder = [0.1, 1, 10]
    const same = () => even(0.11, 0.31, ladder, 0.21)
    expect(riseOf(same(), same(), 0.95)).toEqual({ percent: expect.closeTo(0), interval: null })
  })

  test('of 4 % over a bound is never a rise of 50 %', () => {
    const rise = riseOf(exponential(0.0835), exponential(0.0803), 0.95)
    expect(rise?.percent).toBeLessThan(10)
    expect(rise?.interval?.high ?? rise?.percent).toBeLessThan(20)
  })

  test.each([0.03, 0.06, 0.1, 0.2])('of 150 %% from %d s on is above 50 %% for sure', (mean) => {
    const rise = riseOf(exponential(2.5 * mean), exponential(mean), 0.95)
    expect(rise?.interval?.low ?? rise?.percent).toBeGreaterThan(50)
  })

  test.each([0.02, 0.05, 0.083, 0.1, 0.3])('that there is none is known, around %d s', (mean) => {
    const rise = riseOf(exponential(mean), exponential(mean), 0.95)
    expect(rise).toEqual({ percent: expect.closeTo(0, 3), interval: null })
  })
})

describe('the bucket of a native histogram', () => {
  const bucket = (index: number, schema = 3) => {
    const [low, high] = [2 ** ((index - 1) / 2 ** schema), 2 ** (index / 2 ** schema)]
    return { low, high }
  }

  test('is the one that was told, or one that grows as those do', () => {
    expect(boundsAround(0.4, [bucket(-10), bucket(-20)])).toEqual(bucket(-10))
    const { low, high } = boundsAround(0.5, [bucket(-20), bucket(-30)])
    expect([low, high]).toEqual([expect.closeTo(bucket(-8).low), 0.5])
    expect(boundsAround(3, [bucket(0, -1)])).toEqual({ low: 1, high: 4 })
  })

  test('of bounds of somebody’s own lies between the nearest that are known', () => {
    const own = [
      { low: 0.1, high: 0.3 },
      { low: 0.3, high: 1 },
      { low: 5, high: Infinity },
    ]
    expect(boundsAround(0.2, own)).toEqual({ low: 0.1, high: 0.3 })
    expect(boundsAround(2, own)).toEqual({ low: 1, high: 5 })
    expect(boundsAround(0.05, own)).toEqual({ low: 0, high: 0.1 })
    expect(boundsAround(2, [])).toEqual({ low: 2, high: 2 })
  })

  const parts = (told: Readonly<Record<string, number>>, classic = 0) =>
    partsIn([
      ...Object.entries(told).map(([name, value]) => ({ labels: { [PART]: name }, value })),
      { labels: { [PART]: 'buckets now', le: '+Inf' }, value: classic },
      { labels: {}, value: Number.NaN, buckets: [bucket(-10)] },
    ])

  test('counts where it counts nearly everything that the buckets do', () => {
    const told = { 'native now': 0.4, 'native-count now': 990, 'native-sum now': 42 }
    const whole = parts(told, 1_000)
    expect(durationsIn(whole, 'now', nativeBounds(whole))).toEqual({
      events: 990,
      buckets: [],
      sum: 42,
      native: { seconds: 0.4, ...bucket(-10) },
    })
    expect(durationsIn(parts(told, 2_000), 'now')).toMatchObject({ events: 2_000, native: null })
    expect(durationsIn(parts({ 'native now': 0.4 }), 'now')).toBeNull()
  })
})

describe('durations of several services', () => {
  const told = (job: string, events: number): Labelled[] => [
    { labels: { [PART]: 'buckets now', job, le: '0.1' }, value: events / 2 },
    { labels: { [PART]: 'buckets now', job, le: '+Inf' }, value: events },
    { labels: { [PART]: 'sum now', job }, value: events / 10 },
  ]
  const parts = partsIn([...told('backend', 900), ...told('frontend', 100)])

  test('are those of all together, and those of each', () => {
    expect(durationsIn(parts, 'now')).toMatchObject({
      events: 1_000,
      buckets: [{ le: 0.1, below: 500 }, { le: Infinity }],
      sum: 100,
    })
    const one = { by: 'job', service: 'frontend' }
    expect(durationsIn(parts, 'now', [], one)).toMatchObject({
      events: 100,
      buckets: [{ le: 0.1, below: 50 }, { le: Infinity }],
      sum: 10,
    })
    expect(durationsIn(parts, 'now', [], { by: 'job', service: 'other' })).toBeNull()
  })

  test('of native histograms are those of each, whose quantiles are no sum', () => {
    const native = (job: string, seconds: number) => [
      { labels: { [PART]: 'own-native now', job }, value: seconds },
      { labels: { [PART]: 'native-count now', job }, value: 500 },
    ]
    const of = partsIn([
      { labels: { [PART]: 'native now' }, value: 0.2 },
      ...native('backend', 0.1),
      ...native('frontend', 0.3),
    ])
    expect(durationsIn(of, 'now')).toMatchObject({ events: 1_000, native: { seconds: 0.2 } })
    expect(durationsIn(of, 'now', [], { by: 'job', service: 'frontend' })).toMatchObject({
      events: 500,
      native: { seconds: 0.3 },
    })
  })
})
