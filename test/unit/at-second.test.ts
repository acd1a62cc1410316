import { expect, test } from 'vitest'
import { atSecondOf } from '../../src/compose/environments/at-second.ts'

test('twenty environments do by the clock what they do three seconds after one another', () => {
  const seconds = Array.from({ length: 20 }, (_, index) => atSecondOf(index, 20))
  expect(seconds).toEqual(Array.from({ length: 20 }, (_, index) => 3 * index))
})

test('a single one goes by the whole minute, and of more than sixty some share a second of it', () => {
  expect(atSecondOf(0, 1)).toBe(0)
  expect(Math.max(...Array.from({ length: 90 }, (_, index) => atSecondOf(index, 90)))).toBe(59)
})
