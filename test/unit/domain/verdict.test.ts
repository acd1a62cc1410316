import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { overallVerdict, Verdict, worseOf } from '../../../src/domain/assessment/verdict.ts'
import { VerdictArbitrary } from '../../support/builders.ts'

const worseThan = (a: Verdict, b: Verdict): boolean =>
  Verdict.options.indexOf(a) > Verdict.options.indexOf(b)

test('the order is healthy, inconclusive, unreachable, degraded', () => {
  expect(Verdict.options).toEqual(['healthy', 'inconclusive', 'unreachable', 'degraded'])
})

test('the worse of two is a lattice: commutative, associative, idempotent, with healthy below all', () => {
  fc.assert(
    fc.property(VerdictArbitrary, VerdictArbitrary, VerdictArbitrary, (a, b, c) => {
      expect(worseOf(a, b)).toBe(worseOf(b, a))
      expect(worseOf(a, worseOf(b, c))).toBe(worseOf(worseOf(a, b), c))
      expect(worseOf(a, a)).toBe(a)
      expect(worseOf('healthy', a)).toBe(a)
      expect(worseOf('degraded', a)).toBe('degraded')
    }),
  )
})

test('overall is the worst of all: one of them, and none is worse', () => {
  fc.assert(
    fc.property(fc.array(VerdictArbitrary, { minLength: 1 }), (verdicts) => {
      const overall = overallVerdict(verdicts)
      expect(verdicts).toContain(overall)
      expect(verdicts.filter((one) => worseThan(one, overall))).toEqual([])
    }),
  )
})

test('the order in which things were measured does not matter', () => {
  const Shuffled = fc
    .array(VerdictArbitrary)
    .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })))
  fc.assert(
    fc.property(Shuffled, ([all, shuffled]) => {
      expect(overallVerdict(shuffled)).toBe(overallVerdict(all))
    }),
  )
})

test('one more measurement never makes it better', () => {
  fc.assert(
    fc.property(fc.array(VerdictArbitrary, { minLength: 1 }), VerdictArbitrary, (before, more) => {
      expect(worseThan(overallVerdict(before), overallVerdict([...before, more]))).toBe(false)
    }),
  )
})

test('nothing measured is inconclusive, and healthy needs that everything is', () => {
  expect(overallVerdict([])).toBe('inconclusive')
  fc.assert(
    fc.property(fc.array(VerdictArbitrary), (verdicts) => {
      const allHealthy = verdicts.length > 0 && verdicts.every((one) => one === 'healthy')
      expect(overallVerdict(verdicts) === 'healthy').toBe(allHealthy)
    }),
  )
})
