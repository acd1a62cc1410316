import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conclude } from '../../../src/assess/conclude.ts'
import type { Measurement } from '../../../src/domain/assessment/measurement.ts'
import {
  blind,
  health,
  measurement,
  ruleOf,
  rulesOver,
  targetsUp,
  wellBut,
} from '../../support/builders.ts'

function outage(...measurements: readonly Measurement[]) {
  const rules = rulesOver(wellBut(...measurements))
  return {
    complete: ruleOf(rules, 'complete-outage'),
    partial: ruleOf(rules, 'partial-outage'),
    decision: conclude(rules).decision,
  }
}

describe('health probes', () => {
  test('all failing is a complete outage, and no partial one', () => {
    const { complete, partial, decision } = outage(
      health('backend', 'failing'),
      health('frontend', 'failing'),
    )
    expect(complete).toMatchObject({ matched: true, measured: 2, threshold: 2 })
    expect(complete.because).toContain('backend HTTP 503')
    expect(partial.matched).toBe(false)
    expect(decision).toBe('roll-back')
  })

  test('one failing and one out of reach is a complete outage: one was seen to fail', () => {
    const { complete, decision } = outage(
      health('backend', 'failing'),
      health('frontend', 'unreachable'),
    )
    expect(complete.matched).toBe(true)
    expect(decision).toBe('roll-back')
  })

  test.each(['failing', 'unreachable'] as const)(
    'some %s is a partial outage that a person decides on, and names it',
    (said) => {
      const { complete, partial, decision } = outage(
        health('backend', said),
        health('frontend', 'passing'),
      )
      expect(complete.matched).toBe(false)
      expect(partial).toMatchObject({ matched: true, measured: 1 })
      expect(partial.because).toContain('backend')
      expect(decision).toBe('person-decides')
    },
  )

  test('all passing is neither', () => {
    const { complete, partial, decision } = outage()
    expect([complete.matched, partial.matched, decision]).toEqual([false, false, 'do-not'])
  })

  test('of a single service: its failure is a complete outage', () => {
    const { complete } = outage(health('backend', 'failing'))
    expect(complete).toMatchObject({ matched: true, measured: 1, threshold: 1 })
  })

  test('that do not exist leave both rules unknown', () => {
    const rules = rulesOver(wellBut().filter(({ probe }) => probe !== 'health-passing'))
    expect(ruleOf(rules, 'complete-outage').matched).toBe('unknown')
    expect(ruleOf(rules, 'partial-outage').matched).toBe('unknown')
    expect(conclude(rules).decision).toBe('person-decides')
  })
})

describe('when no service can be reached from here', () => {
  const nobody = [health('backend', 'unreachable'), health('frontend', 'unreachable')]

  test('it is an outage if Prometheus sees every target down too', () => {
    const { complete, decision } = outage(...nobody, targetsUp(0))
    expect(complete.matched).toBe(true)
    expect(complete.because).toContain('Prometheus')
    expect(decision).toBe('roll-back')
  })

  test.each([
    ['sees one target up', targetsUp(1)],
    ['has no data', blind('targets-up')],
    ['is out of reach', blind('targets-up', 'error')],
    ['answers in part', { ...blind('targets-up', 'partial'), value: 0 }],
  ])('it is unknown, and a person’s, if Prometheus %s', (_what, targets) => {
    const { complete, decision } = outage(...nobody, targets)
    expect(complete.matched).toBe('unknown')
    expect(complete.because).toContain('backend')
    expect(decision).toBe('person-decides')
  })

  test('it is unknown without a Prometheus', () => {
    const rules = rulesOver([...nobody])
    expect(ruleOf(rules, 'complete-outage').matched).toBe('unknown')
  })
})

test('complete and partial never match together, and one of them does as soon as one was seen to fail', () => {
  const Health = fc.constantFrom('passing' as const, 'failing' as const, 'unreachable' as const)
  fc.assert(
    fc.property(fc.array(Health, { minLength: 1, maxLength: 6 }), (said) => {
      const { complete, partial } = outage(...said.map((one, i) => health(`service-${i}`, one)))
      const matches = [complete.matched, partial.matched].filter((matched) => matched === true)
      expect(matches.length).toBeLessThanOrEqual(1)
      if (said.includes('failing')) expect(matches).toHaveLength(1)
      if (said.every((one) => one === 'passing')) expect(matches).toHaveLength(0)
    }),
  )
})

describe('the cache', () => {
  const redis = (changes: Partial<Measurement>) =>
    measurement({ probe: 'cache-answering', target: 'Redis', summary: 'is loading', ...changes })
  const degraded = redis({ verdict: 'degraded' })
  const refused = redis({ class: 'error', verdict: 'unreachable', value: null })

  test.each([
    ['in trouble', degraded],
    ['out of reach', refused],
  ])('%s while every service is well is a cache issue: clear it, do not roll back', (_, cache) => {
    const rules = rulesOver(wellBut(cache))
    expect(ruleOf(rules, 'cache-issue')).toMatchObject({ matched: true, decision: 'do-not' })
    expect(ruleOf(rules, 'cache-issue').because).toContain('is loading')
    expect(conclude(rules)).toEqual({ decision: 'do-not', reasons: ['cache-issue'] })
  })

  test('in trouble together with a service is no mere cache issue', () => {
    const failing = [health('backend', 'failing'), health('frontend', 'passing')]
    const rules = rulesOver(wellBut(degraded, ...failing))
    expect(ruleOf(rules, 'cache-issue').matched).toBe(false)
    expect(conclude(rules).decision).toBe('person-decides')
  })

  test('in trouble while nobody asked the services is no mere cache issue', () => {
    expect(ruleOf(rulesOver([degraded]), 'cache-issue').matched).toBe(false)
  })

  test('healthy, or not configured, is none', () => {
    expect(ruleOf(rulesOver(wellBut()), 'cache-issue').matched).toBe(false)
    expect(ruleOf(rulesOver([health('backend', 'passing')]), 'cache-issue').matched).toBe(false)
  })

  test('reported is one, however well Redis is', () => {
    expect(ruleOf(rulesOver(wellBut(), ['cache-issue']), 'cache-issue').matched).toBe(true)
  })
})
