import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { overallVerdict, Verdict, worseOf } from '../../../src/domain/assessment/verdict.ts'
import { VerdictArbitrary } from '../../support/builders.ts'

test.each([
  ['healthy', 'healthy', 'healthy'],
  ['healthy', 'inconclusive', 'inconclusive'],
  ['healthy', 'unreachable', 'unreachable'],
  ['healthy', 'degraded', 'degraded'],
  ['inconclusive', 'inconclusive', 'inconclusive'],
  ['inconclusive', 'unreachable', 'unreachable'],
  ['inconclusive', 'degraded', 'degraded'],
  ['unreachable', 'unreachable', 'unreachable'],
  ['unreachable', 'degraded', 'degraded'],
  ['degraded', 'degraded', 'degraded'],
] as const)('%s and %s, either way round, are together %s (J10)', (one, other, worse) => {
  expect(worseOf(one, other)).toBe(worse)
  expect(worseOf(other, one)).toBe(worse)
})

test('nothing measured is inconclusive, and one measurement says what it says (J10)', () => {
  expect(overallVerdict([])).toBe('inconclusive')
  for (const one of Verdict.options) expect(overallVerdict([one])).toBe(one)
})

test('a list is the worse of its parts, wherever it is cut', () => {
  const Measured = fc.array(VerdictArbitrary, { minLength: 1 })
  fc.assert(
    fc.property(Measured, Measured, (some, more) => {
      const parts = worseOf(overallVerdict(some), overallVerdict(more))
      expect(overallVerdict([...some, ...more])).toBe(parts)
    }),
  )
})
