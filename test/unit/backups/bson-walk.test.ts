import { BSON } from 'mongodb'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isBson } from '../../../src/adapters/backups/bson-walk.ts'

/** Each type that a server stores. */
export const everyType = {
  double: 1.5,
  text: 'Ünï\u0000cödé 🜁',
  long: 'ä'.repeat(100),
  document: { a: { b: { c: [] } } },
  array: [1, 'two', null, [3]],
  binary: new BSON.Binary(Buffer.from([1, 2, 3])),
  oldBinary: new BSON.Binary(Buffer.from([1, 2, 3]), 2),
  uuid: new BSON.UUID(),
  id: new BSON.ObjectId(),
  yes: true,
  no: false,
  date: new Date(0),
  nothing: null,
  pattern: new BSON.BSONRegExp('^a.*', 'i'),
  pointer: new BSON.DBRef('users', new BSON.ObjectId()),
  code: new BSON.Code('function () {}'),
  scoped: new BSON.Code('function () {}', { a: 1 }),
  symbol: new BSON.BSONSymbol('s'),
  int: new BSON.Int32(-1),
  timestamp: new BSON.Timestamp({ t: 1, i: 2 }),
  int64: BSON.Long.MAX_VALUE,
  decimal: BSON.Decimal128.fromString('1.10'),
  least: new BSON.MinKey(),
  most: new BSON.MaxKey(),
}

const isOne = (bytes: Uint8Array): boolean => isBson(Buffer.from(bytes), 0, bytes.length)

test('a document of every type is one', () => {
  expect(isOne(BSON.serialize(everyType))).toBe(true)
})

test('a document cut anywhere is none', () => {
  const bytes = BSON.serialize(everyType)
  for (let to = 0; to < bytes.length; to += 1) expect(isOne(bytes.subarray(0, to))).toBe(false)
})

test('whatever is called one can be read, and what cannot be read is none', () => {
  const bytes = BSON.serialize(everyType)
  const position = fc.nat(bytes.length - 1)
  fc.assert(
    fc.property(position, fc.nat(255), (at, byte) => {
      const turned = Buffer.from(bytes)
      turned[at] = byte
      if (!isOne(turned)) return
      expect(() => BSON.deserialize(turned, { validation: { utf8: true } })).not.toThrow()
    }),
    { numRuns: 3_000 },
  )
})

test('text that is not UTF-8 is none, in a name and in a value, short or long', () => {
  for (const length of [1, 10, 200]) {
    const value = Buffer.from(BSON.serialize({ a: 'x'.repeat(length) }))
    value[value.length - 3] = 0xff
    expect(isOne(value)).toBe(false)
  }
  const named = Buffer.from(BSON.serialize({ abc: 1 }))
  named[5] = 0xc3
  expect(isOne(named)).toBe(false)
})

test('documents in documents end where no server goes', () => {
  const nested = (depth: number): object => (depth === 1 ? {} : { a: nested(depth - 1) })
  expect(isOne(BSON.serialize(nested(200)))).toBe(true)
  expect(isOne(BSON.serialize(nested(201)))).toBe(false)
})
