import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { wilson } from '../../../src/domain/assessment/wilson.ts'

test.each([
  [1, 8, 2.2, 47.1],
  [0, 10, 0, 27.8],
  [10, 10, 72.2, 100],
  [50, 100, 40.4, 59.6],
])('%d of %d lies between %d and %d %%', (part, whole, low, high) => {
  const interval = wilson(part, whole)
  expect(interval.low).toBeCloseTo(low, 1)
  expect(interval.high).toBeCloseTo(high, 1)
})

test('of nothing anything may be true', () => {
  expect(wilson(0, 0)).toEqual({ low: 0, high: 100 })
})

test('fewer events never make it more certain', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.integer({ min: 1, max: 1_000 }), (percent, tens) => {
      const [few, many] = [tens, 2 * tens].map((n) => wilson((n * percent) / 100, n))
      if (!few || !many) throw new Error('no interval')
      expect(few.low).toBeLessThanOrEqual(many.low + 1e-9)
      expect(few.high).toBeGreaterThanOrEqual(many.high - 1e-9)
    }),
  )
})
