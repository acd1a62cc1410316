import { BSON, BSONRegExp } from 'mongodb'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isBson } from '../../../src/adapters/backups/bson-walk.ts'
import { everyType } from '../../support/every-bson-type.ts'

const isOne = (bytes: Uint8Array): boolean => isBson(Buffer.from(bytes), 0, bytes.length)

test('a document of every type is one', () => {
  expect(isOne(BSON.serialize(everyType))).toBe(true)
})

test('a document cut anywhere is none', () => {
  const bytes = BSON.serialize(everyType)
  for (let to = 0; to < bytes.length; to += 1) expect(isOne(bytes.subarray(0, to))).toBe(false)
})

test('whatever is called one can be read, and what cannot be read is none', () => {
  // JavaScript knows other regular expressions than servers store: the driver refuses what is well-formed.
  const readable = Object.entries(everyType).filter(([, one]) => !(one instanceof BSONRegExp))
  const bytes = BSON.serialize(Object.fromEntries(readable))
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
