import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conclude } from '../../../src/assess/conclude.ts'
import { evaluate, matrix } from '../../../src/assess/matrix.ts'
import type { Measurement } from '../../../src/domain/assessment/measurement.ts'
import { Decision, RuleId, Severity } from '../../../src/domain/assessment/rule.ts'
import { MatrixSettings } from '../../../src/domain/assessment/settings.ts'
import type { Symptom } from '../../../src/domain/assessment/symptom.ts'
import {
  blind,
  health,
  matrixSettings,
  measurement,
  MeasurementsArbitrary,
  percent,
  ruleOf,
  rulesOver,
  SymptomsArbitrary,
  wellBut,
} from '../../support/builders.ts'

test('the rows, their severity and what they say are the runbook’s', () => {
  expect(matrix.map(({ rule, severity, decision }) => [rule, severity, decision])).toEqual([
    ['cross-organisation-leak', 'critical', 'roll-back'],
    ['data-loss-or-corruption', 'critical', 'roll-back'],
    ['complete-outage', 'critical', 'roll-back'],
    ['errors-critical', 'critical', 'roll-back'],
    ['login-failures-critical', 'critical', 'roll-back'],
    ['latency-high', 'high', 'roll-back'],
    ['rollout-unfinished', 'high', 'person-decides'],
    ['errors-elevated', 'high', 'person-decides'],
    ['login-failures-elevated', 'high', 'person-decides'],
    ['errors-unusual', 'high', 'person-decides'],
    ['partial-outage', 'high', 'person-decides'],
    ['active-users-down', 'high', 'person-decides'],
    ['latency-elevated', 'medium', 'person-decides'],
    ['client-errors-up', 'high', 'person-decides'],
    ['traffic-down', 'high', 'person-decides'],
    ['targets-down', 'high', 'person-decides'],
    ['maintenance-on', 'medium', 'do-not'],
    ['single-organisation', 'medium', 'do-not'],
    ['ui-issue', 'medium', 'do-not'],
    ['cache-issue', 'low', 'do-not'],
    ['minor-issue', 'low', 'do-not'],
  ])
  expect(matrix.map(({ rule }) => rule)).toEqual(RuleId.options)
})

test('the limits are the runbook’s', () => {
  expect(matrixSettings).toEqual({
    errorsCriticalPercent: 50,
    errorsElevatedPercent: 5,
    loginFailuresCriticalPercent: 10,
    loginFailuresElevatedPercent: 2,
    loginFailuresUsualTimes: 3,
    errorsUnusualTimes: 5,
    errorsUnusualPercent: 1,
    latencyHighPercent: 50,
    latencyElevatedPercent: 20,
    latencyMinorPercent: 5,
    activeUsersDownPercent: 50,
    clientErrorsUpPoints: 20,
    trafficDownPercent: 50,
    targetsDownPercent: 50,
    requireCause: false,
  })
})

/** Which of the probe's rules match at this value, and what is decided when all else is well. */
const cases: readonly [probe: string, value: number, matching: RuleId | null, Decision][] = [
  ['error-ratio-low', 0, null, 'do-not'],
  ['error-ratio-low', 4.9999, null, 'do-not'],
  ['error-ratio-low', 5, 'errors-elevated', 'person-decides'],
  ['error-ratio-low', 50, 'errors-elevated', 'person-decides'],
  ['error-ratio-low', 50.0001, 'errors-critical', 'roll-back'],
  ['error-ratio-low', 100, 'errors-critical', 'roll-back'],
  ['logins-succeeding', 1.9999, null, 'do-not'],
  ['logins-succeeding', 2, 'login-failures-elevated', 'person-decides'],
  ['logins-succeeding', 10, 'login-failures-elevated', 'person-decides'],
  ['logins-succeeding', 10.0001, 'login-failures-critical', 'roll-back'],
  ['latency-near-baseline', -40, null, 'do-not'],
  ['latency-near-baseline', 4.9999, null, 'do-not'],
  ['latency-near-baseline', 5, 'minor-issue', 'do-not'],
  ['latency-near-baseline', 19.9999, 'minor-issue', 'do-not'],
  ['latency-near-baseline', 20, 'latency-elevated', 'person-decides'],
  ['latency-near-baseline', 50, 'latency-elevated', 'person-decides'],
  ['latency-near-baseline', 50.0001, 'latency-high', 'roll-back'],
  ['active-users-near-baseline', -300, null, 'do-not'],
  ['active-users-near-baseline', 50, null, 'do-not'],
  ['active-users-near-baseline', 50.0001, 'active-users-down', 'person-decides'],
  ['active-users-near-baseline', 100, 'active-users-down', 'person-decides'],
]

describe('on both sides of every limit', () => {
  test.each(cases)('%s at %d %%', (probe, value, matching, decision) => {
    const rules = rulesOver(wellBut(percent(probe, value)))
    const matched = rules.filter((one) => one.matched === true).map(({ rule }) => rule)
    expect(matched).toEqual(matching === null ? [] : [matching])
    expect(rules.filter((one) => one.matched === 'unknown')).toEqual([])
    expect(conclude(rules).decision).toBe(decision)
    if (matching) {
      const { measured, unit } = ruleOf(rules, matching)
      expect({ measured, unit }).toEqual({ measured: value, unit: '%' })
    }
  })

  test('of several rules over one number at most one matches, and none is unknown', () => {
    const Probe = fc.constantFrom(...new Set(cases.map(([probe]) => probe)))
    fc.assert(
      fc.property(Probe, fc.double({ min: -100, max: 200, noNaN: true }), (probe, value) => {
        const rules = rulesOver(wellBut(percent(probe, value)))
        expect(rules.filter(({ matched }) => matched === true).length).toBeLessThanOrEqual(1)
        expect(rules.some(({ matched }) => matched === 'unknown')).toBe(false)
      }),
    )
  })

  test('other limits of the settings count in place of the runbook’s', () => {
    const settings = MatrixSettings.parse({ errorsCriticalPercent: 30 })
    const measurements = wellBut(percent('error-ratio-low', 31))
    const strict = evaluate({
      symptoms: [],
      measurements,
      settings,
      procedures: [],
      clearsCache: true,
    })
    expect(ruleOf(strict, 'errors-critical')).toMatchObject({ matched: true, threshold: 30 })
    expect(ruleOf(rulesOver(measurements), 'errors-critical').matched).toBe(false)
  })

  test('a number that does not reach its limit is never shown as if it did', () => {
    const said = (value: number) =>
      ruleOf(rulesOver(wellBut(percent('error-ratio-low', value))), 'errors-critical').because
    expect(said(49.96)).toMatch(/49\.96/)
    expect(said(50.0001)).toMatch(/50\.0001/)
    expect(said(50)).toMatch(/5xx 50 %/)
    expect(said(62.04)).toMatch(/62\.0 %/)
  })
})

describe('what was not measured', () => {
  const rulesOf: Record<string, RuleId[]> = {
    'error-ratio-low': ['errors-critical', 'errors-elevated', 'errors-unusual'],
    'logins-succeeding': ['login-failures-critical', 'login-failures-elevated'],
    'latency-near-baseline': ['latency-high', 'latency-elevated', 'minor-issue'],
    'active-users-near-baseline': ['active-users-down'],
  }
  const kinds = ['no-traffic', 'no-data', 'partial', 'error'] as const

  test.each(Object.keys(rulesOf).flatMap((probe) => kinds.map((kind) => [probe, kind] as const)))(
    '%s, %s: its rules are unknown and say so',
    (probe, kind) => {
      const rules = rulesOver(wellBut(blind(probe, kind)))
      const unknown = rules.filter(({ matched }) => matched === 'unknown')
      expect(unknown.map(({ rule }) => rule)).toEqual(rulesOf[probe])
      for (const { measured, because } of unknown) {
        expect(measured).toBeNull()
        expect(because).toContain('a summary')
      }
    },
  )

  test('a probe that does not exist is as unknown as one that failed', () => {
    const rules = rulesOver([health('backend', 'passing')])
    for (const probe of Object.keys(rulesOf)) {
      for (const rule of rulesOf[probe] ?? []) expect(ruleOf(rules, rule).matched).toBe('unknown')
    }
    expect(conclude(rules).decision).toBe('person-decides')
  })

  test('a value that is a text is no percentage', () => {
    const version = measurement({ probe: 'error-ratio-low', value: 'v2.0.0' })
    expect(ruleOf(rulesOver([version]), 'errors-critical').matched).toBe('unknown')
  })

  test('nothing measured at all is never "do not"', () => {
    expect(conclude(rulesOver([])).decision).toBe('person-decides')
  })
})

describe('reported symptoms', () => {
  test.each([
    ['cross-organisation-leak', 'cross-organisation-leak', 'roll-back'],
    ['data-loss', 'data-loss-or-corruption', 'roll-back'],
    ['data-corruption', 'data-loss-or-corruption', 'roll-back'],
    ['single-organisation', 'single-organisation', 'do-not'],
    ['ui-issue', 'ui-issue', 'do-not'],
    ['feature-failure', 'minor-issue', 'do-not'],
    ['cache-issue', 'cache-issue', 'do-not'],
  ] as const)('%s makes %s match: %s', (symptom: Symptom, rule, decision) => {
    const rules = rulesOver(wellBut(), [symptom])
    expect(rules.filter(({ matched }) => matched === true).map((one) => one.rule)).toEqual([rule])
    expect(ruleOf(rules, rule).because).toContain('reported')
    expect(conclude(rules)).toEqual({ decision, reasons: [rule] })
  })

  test('a leak decides over everything that was measured', () => {
    const rules = rulesOver(wellBut(percent('error-ratio-low', 62)), ['cross-organisation-leak'])
    expect(conclude(rules).reasons).toEqual(['cross-organisation-leak', 'errors-critical'])
  })

  test('what is reported and mild does not quiet what was measured and bad', () => {
    const rules = rulesOver(wellBut(percent('error-ratio-low', 62)), ['ui-issue'])
    expect(conclude(rules).decision).toBe('roll-back')
  })

  test('a feature that fails is a match even when latency is not known', () => {
    const rules = rulesOver(wellBut(blind('latency-near-baseline')), ['feature-failure'])
    expect(ruleOf(rules, 'minor-issue').matched).toBe(true)
    expect(conclude(rules).decision).toBe('person-decides')
  })
})

test('whatever is measured, every rule answers once, in the order of the matrix, with a reason', () => {
  fc.assert(
    fc.property(MeasurementsArbitrary, SymptomsArbitrary, (measurements, symptoms) => {
      const rules = rulesOver(measurements, symptoms)
      expect(rules.map(({ rule }) => rule)).toEqual(RuleId.options)
      for (const { because, severity, decision, matched, measured, unit } of rules) {
        expect(because.trim()).not.toBe('')
        expect(Severity.options).toContain(severity)
        expect(Decision.options).toContain(decision)
        if (unit === '%') expect(measured === null).toBe(matched === 'unknown')
      }
    }),
  )
})

const apart = (changes: Partial<Measurement>) =>
  measurement({ probe: 'tenants-apart', target: 'acme does not see globex', ...changes })

test.each<[string, Partial<Measurement>, boolean | 'unknown', string]>([
  ['shown', { verdict: 'degraded', summary: 'it shows it' }, true, 'globex: it shows it'],
  ['not shown', { verdict: 'healthy' }, false, 'not reported'],
  ['not known', { verdict: 'inconclusive', summary: 'HTTP 502' }, 'unknown', 'globex: HTTP 502'],
  ['not asked', { class: 'error', verdict: 'unreachable', summary: 'away' }, 'unknown', 'away'],
])('data of another organisation that is %s', (_, changes, matched, because) => {
  const rule = ruleOf(rulesOver(wellBut(apart(changes))), 'cross-organisation-leak')
  expect(rule).toMatchObject({ matched, because: expect.stringContaining(because) })
})

test('a person who has seen a leak is believed, whatever was measured', () => {
  const rules = rulesOver(wellBut(apart({ verdict: 'healthy' })), ['cross-organisation-leak'])
  expect(ruleOf(rules, 'cross-organisation-leak').matched).toBe(true)
})
