import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conclude } from '../../../src/assess/conclude.ts'
import type { Measurement } from '../../../src/domain/assessment/measurement.ts'
import type { RolloutSeen } from '../../../src/domain/assessment/rollout-seen.ts'
import type { Symptom } from '../../../src/domain/assessment/symptom.ts'
import {
  health,
  maintenance,
  measurement,
  percent,
  rank,
  rollouts,
  ruleOf,
  rulesOver,
  SymptomsArbitrary,
  targetsUp,
  wellBut,
} from '../../support/builders.ts'

const stuck: RolloutSeen = {
  service: 'backend',
  version: 'v2.0.0',
  state: 'unfinished',
  done: 1,
  of: 3,
  unit: 'pod',
  because: null,
}

function judged(says: string, value: number, verdict: Measurement['verdict']) {
  const one = { probe: 'health-passing', unit: 'HTTP status', summary: says }
  return (target: string) => measurement({ ...one, target, value, verdict })
}
const refused = judged('connection refused', 0, 'degraded')
const wrongPath = judged('HTTP 404: is the path right?', 404, 'inconclusive')

function decided(measurements: readonly Measurement[], symptoms: readonly Symptom[] = []) {
  return rank(conclude(rulesOver(measurements, symptoms)).decision)
}

/** One service beside another that does well. */
const ofOne = (probe: string, share: number, counts = { part: 570, whole: 600 }): Measurement => {
  const part = { service: 'frontend', counts, percent: share, interval: null, windows: [] }
  const well = { ...part, service: 'backend', percent: 0, counts: { part: 0, whole: 60_000 } }
  const services = [well, part].map((one) => ({ ...one, ageSeconds: 5, says: 'so many' }))
  return measurement({ probe, value: 1, detail: { services } })
}
const halfOfOne = measurement({
  probe: 'targets-up',
  value: 7,
  targets: {
    up: 7,
    of: 8,
    services: [
      { service: 'backend', up: 6, of: 6 },
      { service: 'frontend', up: 1, of: 2 },
    ],
  },
})

describe('what a person decides', () => {
  test.each([
    [
      '4xx',
      ofOne('client-errors-near-baseline', 20),
      'client-errors-up',
      /^frontend: so many, rule/,
    ],
    ['traffic', ofOne('traffic-near-baseline', 51), 'traffic-down', /^frontend: so many, rule/],
    ['targets', halfOfOne, 'targets-down', /^frontend: 1 of 2 scrape targets down/],
  ] as const)('%s of one service, of all as ever', (_, one, rule, says) => {
    const rules = rulesOver(wellBut(one))
    expect(conclude(rules)).toEqual({ decision: 'person-decides', reasons: [rule] })
    expect(ruleOf(rules, rule).because).toMatch(says)
  })

  test.each([
    ['19.9 points more 4xx', ofOne('client-errors-near-baseline', 19.9)],
    ['half the traffic', ofOne('traffic-near-baseline', 50)],
  ])('but not %s of one service', (_, one) => {
    expect(conclude(rulesOver(wellBut(one))).decision).toBe('do-not')
  })

  test.each([
    ['a stuck rollout', rollouts(stuck), 'rollout-unfinished'],
    ['half of the targets', targetsUp(2, 4), 'targets-down'],
    ['20 points more of 4xx', percent('client-errors-near-baseline', 20), 'client-errors-up'],
    ['less than half of the traffic', percent('traffic-near-baseline', 50.1), 'traffic-down'],
  ] as const)('%s', (_, one, rule) => {
    const rules = rulesOver(wellBut(one))
    expect(conclude(rules)).toEqual({ decision: 'person-decides', reasons: [rule] })
  })

  test.each([
    ['one target of three', targetsUp(2, 3)],
    ['19.9 points more of 4xx', percent('client-errors-near-baseline', 19.9)],
    ['half of the traffic', percent('traffic-near-baseline', 50)],
    ['more traffic', percent('traffic-near-baseline', -80)],
  ])('but not %s', (_, one) => {
    expect(conclude(rulesOver(wellBut(one))).decision).toBe('do-not')
  })

  test('a stuck rollout is the first line of all that a person decides', () => {
    const bad = [rollouts(stuck), percent('error-ratio-low', 12), health('backend', 'failing')]
    const rules = rulesOver(wellBut(...bad, health('frontend', 'passing')))
    expect(conclude(rules).reasons.slice(0, 2)).toEqual(['rollout-unfinished', 'errors-elevated'])
    expect(ruleOf(rules, 'rollout-unfinished').because).toBe(
      'backend: the rollout of v2.0.0 has not finished: 1 of 3',
    )
  })
})

describe('maintenance', () => {
  const down = [health('backend', 'failing'), health('frontend', 'failing')]
  const nobody = [
    percent('traffic-near-baseline', 99),
    percent('active-users-near-baseline', 99),
    percent('logins-succeeding', 100),
  ]

  test('explains 503, and that nobody is there', () => {
    const on = maintenance(true, 0.1)
    const rules = rulesOver(wellBut(...down, ...nobody, percent('error-ratio-low', 99), on))
    expect(conclude(rules)).toEqual({ decision: 'do-not', reasons: ['maintenance-on'] })
  })

  test('explains no errors of one service that are none of its own', () => {
    const { detail } = ofOne('maintenance-off', 95)
    const on = { ...maintenance(true, 0.9), ...(detail ? { detail } : {}) }
    const rules = rulesOver(wellBut(percent('error-ratio-low', 0.9), on))
    expect(conclude(rules).decision).toBe('roll-back')
    expect(ruleOf(rules, 'errors-critical').because).toMatch(
      /^maintenance is on, so 503 is expected; besides it frontend: 5xx 95\.0 %/,
    )
  })

  test('explains no errors where it is not known which are its own', () => {
    const on = maintenance(true, null)
    const rules = rulesOver(wellBut(percent('error-ratio-low', 99), on))
    expect(conclude(rules).decision).toBe('roll-back')
  })

  test.each([
    ['other errors', [percent('error-ratio-low', 99), maintenance(true, 60)], 'roll-back'],
    [
      'a connection that is refused',
      [refused('backend'), health('frontend', 'failing')],
      'person-decides',
    ],
    ['a stuck rollout', [rollouts(stuck)], 'person-decides'],
    ['p95', [percent('latency-near-baseline', 80)], 'roll-back'],
  ] as const)('explains not %s', (_, bad, decision) => {
    const on = bad.some(({ probe }) => probe === 'maintenance-off') ? [] : [maintenance(true, 0)]
    expect(conclude(rulesOver(wellBut(...bad, ...on))).decision).toBe(decision)
  })
})

describe('however it is joined', () => {
  /** From well to bad, each worse than the one before it. */
  const healthPages = ['backend', 'frontend'].map((name) => [
    health(name, 'passing'),
    health(name, 'failing'),
  ])
  const ladders: readonly (readonly Measurement[])[] = [
    [0.2, 5, 51].map((one) => percent('error-ratio-low', one)),
    [0.5, 3, 11].map((one) => percent('logins-succeeding', one)),
    [1, 25, 60].map((one) => percent('latency-near-baseline', one)),
    [0, 60].map((one) => percent('active-users-near-baseline', one)),
    [0, 25].map((one) => percent('client-errors-near-baseline', one)),
    [0, 60].map((one) => percent('traffic-near-baseline', one)),
    [5, 3, 2, 0].map((one) => targetsUp(one)),
    [rollouts(), rollouts(stuck)],
    ...healthPages,
  ]

  test('one more thing that is bad never makes it milder', () => {
    const Levels = fc.tuple(...ladders.map(({ length }) => fc.integer({ min: 0, max: length - 1 })))
    const Which = fc.integer({ min: 0, max: ladders.length - 1 })
    const over = (levels: readonly number[]) =>
      ladders.flatMap((all, i) => all[levels[i] ?? 0] ?? [])
    fc.assert(
      fc.property(Levels, Which, SymptomsArbitrary, (levels, which, symptoms) => {
        const length = ladders[which]?.length ?? 1
        const worse = levels.with(which, Math.min((levels[which] ?? 0) + 1, length - 1))
        expect(decided(over(worse), symptoms)).toBeGreaterThanOrEqual(
          decided(over(levels), symptoms),
        )
      }),
      { numRuns: 400 },
    )
  })

  test('a health page that cannot be judged is never better than one that is well, nor worse than one that is bad', () => {
    const Said = fc.constantFrom('passing', 'failing', 'refused', 'wrong-path', 'unreachable')
    const of = (said: string, name: string): Measurement => {
      if (said === 'refused') return refused(name)
      if (said === 'wrong-path') return wrongPath(name)
      return health(name, said as 'passing' | 'failing' | 'unreachable')
    }
    fc.assert(
      fc.property(fc.array(Said, { maxLength: 3 }), fc.integer({ min: 0, max: 5 }), (said, up) => {
        const others = said.map((one, index) => of(one, `service-${index}`))
        const at = (one: string) => decided(wellBut(of(one, 'backend'), ...others, targetsUp(up)))
        for (const unclear of ['refused', 'wrong-path', 'unreachable']) {
          expect(at(unclear)).toBeGreaterThanOrEqual(at('passing'))
          expect(at(unclear)).toBeLessThanOrEqual(at('failing'))
          // Unknown is never a "do not" (J10).
          expect(at(unclear)).toBeGreaterThanOrEqual(rank('person-decides'))
        }
      }),
    )
  })
})
