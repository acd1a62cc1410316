import { expect, test } from 'vitest'
import { unknownField } from '../../../src/domain/text/unknown-field.ts'

test.each([
  ['nothing', { a: 1, b: [{ c: 2 }] }, { a: 1, b: [{ c: 2 }], d: undefined }, null],
  ['a field', { a: 1, b: 2 }, { a: 1 }, 'b'],
  ['a field of a field', { a: { b: { c: 1 } } }, { a: { b: {} } }, 'a.b.c'],
  ['a field of one of many', { a: [{ b: 1 }, { b: 1, c: 2 }] }, { a: [{ b: 1 }, { b: 1 }] }, 'a.c'],
  ['nothing of what was read as something else', { a: 2 }, { a: [{ count: 2 }] }, null],
  ['a field that is named as what every object has', { toString: 1 }, {}, 'toString'],
])('%s that was written is not in what was read', (_, written, read, found) => {
  expect(unknownField(written, read)).toBe(found)
})
