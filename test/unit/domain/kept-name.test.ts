import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeptRole, keptName, readKeptName } from '../../../src/domain/data/kept-name.ts'

const part = (alphabet: string, size: { minLength: number; maxLength: number }) =>
  fc.string({ unit: fc.constantFrom(...alphabet.split('')), ...size })

const names = fc
  .record({
    incident: part('abcdefghijkmnpqrstuvwxyz0123456789-', { minLength: 1, maxLength: 16 }),
    plan: fc.integer({ min: 1, max: 999_999 }),
    role: fc.constantFrom(...KeptRole),
    attempt: part('abcdefghijklmnopqrstuvwxyz0123456789', { minLength: 1, maxLength: 12 }),
    collection: fc.string({ minLength: 1, unit: 'binary' }),
  })
  .map((one) => ({ ...one, attempt: one.role === 'try' ? one.attempt : null }))

test('a name tells all that it was made of', () => {
  fc.assert(
    fc.property(names, (one) => {
      expect(readKeptName(keptName(one))).toEqual(one)
    }),
  )
})

test('two that differ have two names', () => {
  fc.assert(
    fc.property(names, names, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other))
      expect(keptName(one)).not.toBe(keptName(other))
    }),
  )
})

test('what was kept of what is kept is read as that', () => {
  fc.assert(
    fc.property(names, names, (outer, inner) => {
      const one = { ...outer, collection: keptName(inner) }
      expect(readKeptName(keptName(one))).toEqual(one)
    }),
  )
})

test.each([
  'projects',
  '__rb_20261122-abcd_p3_old__',
  '__rb_20261122-abcd_p3_old_projects',
  '__rb_20261122-abcd_p3_other__projects',
  '__rb_20261122-abcd_p3_try__projects',
  '__rb_20261122-abcd_p_old__projects',
  '__rb_20261122_abcd_p3_old__projects',
  'x__rb_20261122-abcd_p3_old__projects',
  '',
])('%j is not one of ours', (name) => {
  expect(readKeptName(name)).toBeNull()
})
