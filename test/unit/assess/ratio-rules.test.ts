import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conclude } from '../../../src/assess/conclude.ts'
import type {
  Detail,
  Interval,
  RatioWindow,
  ServicePart,
} from '../../../src/domain/assessment/detail.ts'
import type { Decision } from '../../../src/domain/assessment/rule.ts'
import { wilson } from '../../../src/domain/assessment/wilson.ts'
import { measurement, ruleOf, rulesOver, wellBut } from '../../support/builders.ts'

type Counted = { readonly part: number; readonly whole: number }

const windowOf = ({ part, whole }: Counted, seconds: number): RatioWindow => {
  return { part, whole, seconds, percent: whole > 0 ? (100 * part) / whole : null }
}

const fewOf = ({ part, whole }: Counted): Interval | null =>
  whole < 150 ? { ...wilson(part, whole), because: 'few' } : null

function serviceOf(service: string, counts: Counted, short: Counted | null = null): ServicePart {
  const windows = [windowOf(counts, 300), ...(short ? [windowOf(short, 60)] : [])]
  const { percent } = windowOf(counts, 300)
  return { service, counts, percent, windows, interval: fewOf(counts), ageSeconds: 5 }
}

/** Errors as they were counted, of services that all did well in everything else. */
function errors(services: readonly ServicePart[], also: Detail = {}) {
  const all = services.reduce(
    (sum, { counts }) => ({ part: sum.part + counts.part, whole: sum.whole + counts.whole }),
    { part: 0, whole: 0 },
  )
  const short = services.flatMap(({ windows }) => windows.filter(({ seconds }) => seconds === 60))
  const shortSum = short.reduce(
    (sum, one) => ({ part: sum.part + one.part, whole: sum.whole + one.whole }),
    { part: 0, whole: 0 },
  )
  const detail: Detail = {
    counts: all,
    windows: [windowOf(all, 300), ...(short.length > 0 ? [windowOf(shortSum, 60)] : [])],
    interval: fewOf(all),
    coverage: { by: 'job', seen: services.map(({ service }) => service), missing: [] },
    services: [...services],
    ...also,
  }
  const value = (100 * all.part) / all.whole
  return measurement({ probe: 'error-ratio-low', value, detail })
}

function decided(one: ReturnType<typeof errors>): Decision {
  return conclude(rulesOver(wellBut(one))).decision
}

const SEVERITY: readonly Decision[] = ['do-not', 'person-decides', 'roll-back']
const well = serviceOf('backend', { part: 6, whole: 3_000 })

describe('the last hour, against what is usual', () => {
  const usual = { of: 'yesterday', value: 0.2, unit: '%', events: 36_000, abnormal: false } as const
  const hour = windowOf({ part: 4_000, whole: 36_000 }, 3_600)
  const unusual = (recent: Counted) => {
    const windows = [hour, windowOf(recent, 300)]
    const one = errors([serviceOf('backend', recent)], { windows, baseline: usual })
    return ruleOf(rulesOver(wellBut(one)), 'errors-unusual')
  }

  test.each<[Counted, boolean]>([
    [{ part: 6, whole: 3_000 }, false],
    [{ part: 22, whole: 3_000 }, true],
    [{ part: 60, whole: 3_000 }, true],
    // So few may be of any share.
    [{ part: 0, whole: 30 }, true],
    [{ part: 0, whole: 0 }, true],
    [{ part: 0, whole: 600 }, false],
  ])('with %j in the last five minutes: %s', (recent, matched) => {
    expect(unusual(recent).matched).toBe(matched)
  })

  test('says that it is over', () => {
    expect(unusual({ part: 6, whole: 3_000 }).because).toBe(
      '5xx 11.1 % in the last hour, 0.20 % at this hour yesterday, rule above 1 %, and surely below it again: 0.2 % of the last 5 min',
    )
  })
})

describe('a ratio of few events', () => {
  test.each<[number, number, Decision]>([
    [5, 5, 'roll-back'],
    [4, 8, 'do-not'],
    [5, 8, 'person-decides'],
    [54, 100, 'person-decides'],
    [70, 100, 'roll-back'],
    [1_530, 3_000, 'roll-back'],
  ])('of all: %d of %d', (part, whole, decision) => {
    const seen = decided(errors([serviceOf('backend', { part, whole })]))
    // Half of them is within the range that a person decides.
    expect(seen).toBe(decision === 'do-not' ? 'person-decides' : decision)
  })

  test.each<[number, number, Decision]>([
    [9, 9, 'person-decides'],
    [10, 10, 'roll-back'],
    [30, 30, 'roll-back'],
    [0, 3, 'do-not'],
  ])('of one service beside one that does well: %d of %d', (part, whole, decision) => {
    expect(decided(errors([well, serviceOf('frontend', { part, whole })]))).toBe(decision)
  })

  test('fewer events never make it more certain', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 40 }),
        (percent, n) => {
          const of = (whole: number) =>
            decided(errors([serviceOf('backend', { part: (percent * whole) / 100, whole })]))
          if (of(n) === 'roll-back') expect(of(10 * n)).toBe('roll-back')
        },
      ),
    )
  })
})

test('one more service that is bad never makes it milder', () => {
  const Counts = fc
    .record({ whole: fc.integer({ min: 1, max: 5_000 }), percent: fc.nat(100) })
    .map(({ whole, percent }) => ({ whole, part: Math.round((whole * percent) / 100) }))
  fc.assert(
    fc.property(Counts, fc.integer({ min: 200, max: 5_000 }), (counts, whole) => {
      const before = decided(errors([serviceOf('backend', counts)]))
      const dead = serviceOf('frontend', { part: whole, whole })
      const after = decided(errors([serviceOf('backend', counts), dead]))
      expect(SEVERITY.indexOf(after)).toBeGreaterThanOrEqual(SEVERITY.indexOf(before))
      expect(after).toBe('roll-back')
    }),
  )
})

test('a service that is not counted leaves open what could call for a rollback', () => {
  const coverage = { by: 'job', seen: ['backend'], missing: ['frontend'] }
  const half = errors([well], { coverage })
  expect(decided(half)).toBe('person-decides')
  expect(ruleOf(rulesOver(wellBut(half)), 'errors-critical').because).toContain(
    'nothing is counted of frontend',
  )
  const bad = errors([serviceOf('backend', { part: 2_000, whole: 3_000 })], { coverage })
  expect(decided(bad)).toBe('roll-back')
})

test('what is over already is a person’s to decide, and said to be over', () => {
  const bad = { part: 1_800, whole: 3_000 }
  const isOver = errors([serviceOf('backend', bad, { part: 1, whole: 600 })], {
    overSince: '2026-03-01T03:05:00.000Z',
  })
  expect(decided(isOver)).toBe('person-decides')
  expect(ruleOf(rulesOver(wellBut(isOver)), 'errors-critical').because).toContain(
    'over since 03:05 UTC',
  )
  expect(decided(errors([serviceOf('backend', bad, { part: 400, whole: 600 })]))).toBe('roll-back')
  // Two requests in the last minute do not end an outage.
  expect(decided(errors([serviceOf('backend', bad, { part: 0, whole: 2 })]))).toBe('roll-back')
})

test('where the last minute alone is why it is no worse a rule, that minute is said', () => {
  const bad = { part: 1_800, whole: 3_000 }
  const less = errors([serviceOf('backend', bad, { part: 240, whole: 600 })])
  const { because, matched } = ruleOf(rulesOver(wellBut(less)), 'errors-elevated')
  expect([matched, because]).toEqual([
    true,
    '5xx 60.0 %, only 40.0 % in the last 60 s, rule from 5 % to 50 %',
  ])
})

test('a limit that follows from what is usual is said in two digits', () => {
  const usual = {
    of: 'yesterday',
    value: 4.9999999999998,
    unit: '%',
    events: 900,
    abnormal: false,
  } as const
  const some = errors([serviceOf('backend', { part: 36, whole: 300 })], {
    baseline: usual,
    baselines: [usual, { ...usual, of: 'last-week' }],
  })
  const logins = { ...some, probe: 'logins-succeeding' }
  const rule = ruleOf(rulesOver(wellBut(logins)), 'login-failures-elevated')
  expect(rule.because).toContain('rule from 7.5 % to 15 %')
})

test('counts that restarts lost leave it open on which side of a limit it is', () => {
  const counts = { part: 1_300, whole: 3_000 }
  const interval = { low: 33, high: 61, because: 'restarts' } as const
  const service = { ...serviceOf('backend', counts), interval }
  expect(decided(errors([service], { interval, restarts: 8 }))).toBe('person-decides')
  const surely = { ...interval, low: 51 }
  const bad = { ...serviceOf('backend', { part: 1_700, whole: 3_000 }), interval: surely }
  expect(decided(errors([bad], { interval: surely, restarts: 8 }))).toBe('roll-back')
})
