import { ProcedureName } from '../../../src/domain/plan/requests.ts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { closestFlip, conclude, recommend } from '../../../src/assess/conclude.ts'
import type { RuleId, RuleOutcome } from '../../../src/domain/assessment/rule.ts'
import {
  feasible,
  MeasurementsArbitrary,
  OutcomesArbitrary,
  percent,
  rank,
  rulesOver,
  SymptomsArbitrary,
  wellBut,
} from '../../support/builders.ts'

/** The matrix with these rules as said and every other one not matching. */
function outcomes(said: { readonly [R in RuleId]?: true | 'unknown' }): readonly RuleOutcome[] {
  return rulesOver(wellBut()).map((outcome) => {
    return { ...outcome, matched: said[outcome.rule] ?? false }
  })
}

const changed = (all: readonly RuleOutcome[], index: number, matched: RuleOutcome['matched']) =>
  all.map((outcome, at) => (at === index ? { ...outcome, matched } : outcome))

const AnyRule = fc.nat({ max: outcomes({}).length - 1 })

describe('the decision', () => {
  test('is "do not", without a reason, when nothing matches and nothing is blind', () => {
    expect(conclude(outcomes({}))).toEqual({ decision: 'do-not', reasons: [] })
  })

  test.each([
    ['a roll-back rule', { 'errors-critical': true, 'ui-issue': true }, 'roll-back'],
    [
      'the first of two',
      { 'errors-elevated': true, 'single-organisation': true },
      'person-decides',
    ],
    ['a do-not rule', { 'single-organisation': true, 'minor-issue': true }, 'do-not'],
  ] as const)('is what the first match says: %s', (_what, said, decision) => {
    expect(conclude(outcomes(said))).toEqual({ decision, reasons: Object.keys(said) })
  })

  test.each([
    ['no match', { 'errors-critical': 'unknown' }, ['errors-critical']],
    [
      'a match that says "do not"',
      { 'cache-issue': true, 'latency-high': 'unknown' },
      ['latency-high', 'cache-issue'],
    ],
  ] as const)(
    'is a person’s when a roll-back rule is blind and there is %s',
    (_, said, reasons) => {
      expect(conclude(outcomes(said))).toEqual({ decision: 'person-decides', reasons })
    },
  )

  test('stays with the match, and names what is blind after it, when the match speaks for acting', () => {
    const both = { 'login-failures-critical': true, 'errors-critical': 'unknown' } as const
    expect(conclude(outcomes(both))).toEqual({
      decision: 'roll-back',
      reasons: ['login-failures-critical', 'errors-critical'],
    })
  })

  test('is that of the first match whenever no roll-back rule is blind', () => {
    fc.assert(
      fc.property(OutcomesArbitrary, (all) => {
        const seeing = all.map((outcome) =>
          outcome.decision === 'roll-back' && outcome.matched === 'unknown'
            ? { ...outcome, matched: false }
            : outcome,
        )
        const first = seeing.find(({ matched }) => matched === true)
        expect(conclude(seeing).decision).toBe(first?.decision ?? 'do-not')
      }),
    )
  })

  test('is never "do not" while a rule that could say "roll back" is blind', () => {
    fc.assert(
      fc.property(OutcomesArbitrary, (all) => {
        const blind = all.some(
          ({ matched, decision }) => matched === 'unknown' && decision === 'roll-back',
        )
        if (blind) expect(conclude(all).decision).not.toBe('do-not')
      }),
    )
  })

  test('never moves towards "do not" when a rule that did not match goes blind', () => {
    fc.assert(
      fc.property(OutcomesArbitrary, AnyRule, (all, index) => {
        const seen = changed(all, index, false)
        const before = conclude(seen).decision
        const after = conclude(changed(seen, index, 'unknown')).decision
        expect(rank(after)).toBeGreaterThanOrEqual(rank(before))
      }),
    )
  })

  test('is not "do not" after a roll-back rule that matched goes blind', () => {
    fc.assert(
      fc.property(OutcomesArbitrary, AnyRule, (all, index) => {
        if (all[index]?.decision !== 'roll-back') return
        expect(conclude(changed(all, index, 'unknown')).decision).not.toBe('do-not')
      }),
    )
  })

  test('is never "do not" over measurements that are all blind, whatever was reported', () => {
    fc.assert(
      fc.property(MeasurementsArbitrary, SymptomsArbitrary, (measurements, symptoms) => {
        const unmeasured = measurements.filter((one) => one.class !== 'value')
        expect(conclude(rulesOver(unmeasured, symptoms)).decision).not.toBe('do-not')
      }),
    )
  })
})

describe('the reasons', () => {
  test('are every match and every blind roll-back rule, each once, and nothing else', () => {
    fc.assert(
      fc.property(OutcomesArbitrary, (all) => {
        const speaking = all
          .filter(
            ({ matched, decision }) =>
              matched === true || (matched === 'unknown' && decision === 'roll-back'),
          )
          .map(({ rule }) => rule)
        expect(conclude(all).reasons.toSorted()).toEqual(speaking.toSorted())
      }),
    )
  })

  test('begin with one that says what was decided, or is blind', () => {
    fc.assert(
      fc.property(OutcomesArbitrary, (all) => {
        const { decision, reasons } = conclude(all)
        const deciding = all.find(({ rule }) => rule === reasons[0])
        const says = deciding?.matched === 'unknown' ? 'person-decides' : deciding?.decision
        expect(says ?? 'do-not').toBe(decision)
      }),
    )
  })
})

describe('the closest flip', () => {
  test('is the number nearest to its limit, of those that would change the answer', () => {
    const rules = rulesOver(
      wellBut(percent('error-ratio-low', 48), percent('logins-succeeding', 1.9)),
    )
    // 48 % against 50 % is nearer than 1.9 % against 10 %; 1.9 against 2 would change nothing.
    expect(closestFlip(rules)).toMatch(/5xx 48.* 50/)
  })

  test.each([
    [48, 9.1, /5xx 48/],
    [40, 9.9, /failed logins 9\.9/],
  ])(
    'of 5xx at %d %% and logins at %d %% is the nearer by its own measure',
    (errors, logins, words) => {
      const both = [percent('error-ratio-low', errors), percent('logins-succeeding', logins)]
      expect(closestFlip(rulesOver(wellBut(...both)))).toMatch(words)
    },
  )

  test('is the number that decided, when that is the nearest way out', () => {
    expect(closestFlip(rulesOver(wellBut(percent('error-ratio-low', 51))))).toMatch(/5xx 51.* 50/)
  })

  test('is nothing when a report decides: no number can take it back', () => {
    expect(closestFlip(rulesOver(wellBut(), ['cross-organisation-leak']))).toBeNull()
  })

  test('is always a rule whose flip does change the decision', () => {
    fc.assert(
      fc.property(MeasurementsArbitrary, SymptomsArbitrary, (measurements, symptoms) => {
        const all = rulesOver(measurements, symptoms)
        const words = closestFlip(all)
        if (words === null) return
        const before = conclude(all).decision
        const flips = all.flatMap((outcome, index) => {
          if (outcome.because !== words || outcome.matched === 'unknown') return []
          return [conclude(changed(all, index, !outcome.matched)).decision]
        })
        expect(flips.some((after) => after !== before)).toBe(true)
      }),
    )
  })
})

describe('the recommendation', () => {
  const all = ProcedureName.options.map((name) => feasible(name))
  const rollBack = (...reasons: RuleId[]) => ({ decision: 'roll-back', reasons }) as const

  test('is nothing when the answer is "do not"', () => {
    expect(recommend({ decision: 'do-not', reasons: ['ui-issue'] }, all)).toBeNull()
  })

  test.each([
    [['feature-flag', 'kubernetes', 'docker'], 'feature-flag'],
    [['kubernetes', 'docker', 'full'], 'kubernetes'],
    [['docker', 'database'], 'docker'],
    [['database', 'full'], null],
    [[], null],
  ] as const)('is the cheapest of %j for a symptom of the code: %s', (can, recommended) => {
    const procedures = can.map((name) => feasible(name))
    expect(recommend(rollBack('errors-critical'), procedures)).toBe(recommended)
    expect(recommend({ decision: 'person-decides', reasons: [] }, procedures)).toBe(recommended)
  })

  test('reaches for the data only when data is lost, and then first: nothing else brings it back', () => {
    const reasons = rollBack('data-loss-or-corruption')
    expect(recommend(reasons, all)).toBe('database')
    expect(recommend(reasons, [feasible('kubernetes')])).toBe('kubernetes')
    expect(recommend(reasons, [feasible('full'), feasible('database')])).toBe('database')
    expect(recommend(reasons, [feasible('full')])).toBe('full')
  })

  test('is never something that cannot be done now', () => {
    const Procedures = fc
      .tuple(...ProcedureName.options.map(() => fc.boolean()))
      .map((can) => ProcedureName.options.map((name, index) => feasible(name, can[index] ?? false)))
    fc.assert(
      fc.property(OutcomesArbitrary, Procedures, (outcomesThere, procedures) => {
        const name = recommend(conclude(outcomesThere), procedures)
        if (name === null) return
        expect(procedures.find((one) => one.name === name)?.feasible).toBe(true)
      }),
    )
  })
})
