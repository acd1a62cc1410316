import { describe, expect, test } from 'vitest'
import type { Durations } from '../../../src/assess/durations.ts'
import type { LatencyAsked } from '../../../src/assess/latency.ts'
import { withServices, type ServiceDurations } from '../../../src/assess/latency-by-service.ts'
import { latencyRule } from '../../../src/assess/latency-rules.ts'
import { found, inconclusive, type Finding } from '../../../src/assess/probe.ts'
import { MatrixSettings } from '../../../src/domain/assessment/settings.ts'

const ASKED: LatencyAsked = {
  quantile: 0.95,
  windowSeconds: 300,
  minimumEvents: 60,
  staleAfterSeconds: 60,
  elevatedPercent: 20,
  highPercent: 50,
}

const native = (seconds: number, events: number): Durations => {
  return { events, buckets: [], sum: null, native: { seconds, low: seconds, high: seconds } }
}

/** So many times slower, by so many requests. */
const frontend = (times: number, events = 3_000): ServiceDurations => ({
  service: 'frontend',
  now: native(0.1 * times, events),
  before: native(0.1, 30_000),
  ageSeconds: 5,
})

const WELL: Finding = {
  ...found(0.4, 'healthy', 'p95 100 ms'),
  detail: {
    baseline: { of: 'before-deploy', value: 0.1, unit: 's', events: 30_000, abnormal: false },
  },
}

const settings = MatrixSettings.parse({})

function judged(finding: Finding) {
  const measurement = {
    probe: 'latency-near-baseline',
    target: 'all services',
    unit: '%',
    query: '',
    tookMs: 1,
    ...finding,
  }
  const observed = {
    measurements: [measurement],
    procedures: [],
    symptoms: [],
    clearsCache: false,
    settings,
  }
  const high = latencyRule(({ latencyHighPercent }) => ({ above: latencyHighPercent }))
  const elevated = latencyRule(({ latencyElevatedPercent: from, latencyHighPercent: to }) => {
    return { from, to }
  })
  return { high: high(observed), elevated: elevated(observed) }
}

describe('one slow service, while all of them together are as fast as ever', () => {
  test('is named, with its own numbers, and its own breach counts', () => {
    const finding = withServices(WELL, [frontend(3)], ASKED)
    expect(finding).toMatchObject({
      verdict: 'degraded',
      value: 0.4,
      summary: 'p95 100 ms; frontend p95 300 ms, +200 % against 100 ms before the deploy',
      detail: { services: [{ service: 'frontend', percent: 200, counts: { whole: 3_000 } }] },
    })
    expect(judged(finding).high).toMatchObject({
      matched: true,
      measured: 200,
      because:
        'frontend: p95 +200.0 % (p95 300 ms, +200 % against 100 ms before the deploy of 3000 requests), rule above +50 %',
    })
  })

  test.each<[string, number, number, boolean | 'unknown', boolean | 'unknown']>([
    ['a little slower', 1.1, 3_000, false, false],
    ['slower', 1.4, 3_000, false, true],
    ['much slower, as far as so few tell', 1.6, 80, 'unknown', false],
    ['surely slower, and perhaps much', 1.55, 3_000, 'unknown', true],
    ['much slower, by enough of them', 3, 80, true, false],
    ['faster', 0.5, 3_000, false, false],
  ])('%s: %f times, of %i requests', (_, times, events, high, elevated) => {
    const rules = judged(withServices(WELL, [frontend(times, events)], ASKED))
    expect(rules.high.matched, rules.high.because).toBe(high)
    expect(rules.elevated.matched, rules.elevated.because).toBe(elevated)
  })

  test.each<[string, ServiceDurations]>([
    ['of too few requests', frontend(3, 59)],
    ['that is not counted any more', { ...frontend(3), ageSeconds: 61 }],
    ['of an unknown age', { ...frontend(3), ageSeconds: null }],
    ['that was not counted then', { ...frontend(3), before: null }],
    ['that was hardly asked then', { ...frontend(3), before: native(0.1, 59) }],
  ])('%s says nothing', (_, one) => {
    const finding = withServices(WELL, [one], ASKED)
    expect(finding).toMatchObject({ verdict: 'healthy', summary: 'p95 100 ms' })
    expect(judged(finding).high.matched).toBe(false)
  })

  test('does not turn what is not measured into a measurement', () => {
    const none = inconclusive('no-traffic', 'only 3 requests')
    expect(withServices(none, [frontend(3)], ASKED)).toEqual(none)
  })
})

test('where the baselines differ, it is open of each of them what is usual', () => {
  const interval = { low: 0, high: 260, because: 'baselines' } as const
  const open: Finding = { ...WELL, detail: { ...WELL.detail, interval } }
  expect(withServices(open, [frontend(3)], ASKED)).toEqual(open)
})

test('where all of them are slower, it is no matter of one', () => {
  const all: Finding = { ...WELL, value: 200, verdict: 'degraded' }
  const { high } = judged(withServices(all, [frontend(3)], ASKED))
  expect(high.because).toBe('p95 +200.0 %, rule above +50 %')
})
