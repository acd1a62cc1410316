import { BSON } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { compareValues } from '../../../src/adapters/mongodb/collections/bson-order.ts'
import { idOf } from '../../../src/adapters/mongodb/collections/bson-value.ts'

const { Binary, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } = BSON

const valueOf = (value: unknown) => idOf(Buffer.from(BSON.serialize({ _id: value, more: 1 })))
const compared = (left: unknown, right: unknown): number =>
  Math.sign(compareValues(valueOf(left), valueOf(right)))

const decimal = (text: string) => Decimal128.fromString(text)
const bytes = (text: string, subType = 0) => new Binary(Buffer.from(text), subType)

/** Each row is smaller than the next; what stands in one row is equal. */
const ASCENDING: readonly (readonly unknown[])[] = [
  [new MinKey()],
  [null],
  [Number.NaN, decimal('NaN')],
  [Number.NEGATIVE_INFINITY, decimal('-Infinity')],
  [decimal('-1E+400')],
  [new Double(-1e300)],
  [Long.MIN_VALUE],
  [new Int32(-2), new Double(-2), Long.fromNumber(-2), decimal('-2.000')],
  [decimal('-1.5'), new Double(-1.5)],
  [new Double(-5e-324)],
  [decimal('-1E-400')],
  [new Int32(0), new Double(0), new Double(-0), Long.ZERO, decimal('0'), decimal('-0E+3')],
  [decimal('1E-400')],
  [new Double(5e-324)],
  [decimal('0.1')],
  // The double next to 0.1 is a little more than it.
  [new Double(0.1)],
  [new Int32(1), new Double(1)],
  [decimal('1.000000000000000000000000000000001')],
  [new Double(9_007_199_254_740_992), Long.fromString('9007199254740992')],
  // No double says this.
  [Long.fromString('9007199254740993'), decimal('9007199254740993')],
  [Long.MAX_VALUE],
  // The double nearest to the one before is greater.
  [new Double(2 ** 63)],
  [decimal('1E+400')],
  [Number.POSITIVE_INFINITY, decimal('Infinity')],
  [''],
  ['A'],
  ['a'],
  ['a\0'],
  ['aa'],
  ['b'],
  ['é'],
  ['😀'],
  [{}],
  [{ a: null }],
  [{ a: 1 }],
  [{ a: 1, b: 0 }],
  [{ b: 0 }],
  // The type of a field counts before its name.
  [{ a: 'x' }],
  [{ a: { b: 1 } }],
  [{ a: [1] }],
  [{ a: [1, 2] }],
  [bytes('')],
  [bytes('b')],
  [bytes('b', 4)],
  [bytes('aa')],
  [new ObjectId('65a000000000000000000000')],
  [new ObjectId('65a000000000000000000001')],
  [false],
  [true],
  [new Date(-1)],
  [new Date(0)],
  [new Date(1_764_000_000_000)],
  [new Timestamp({ t: 1, i: 2 })],
  [new Timestamp({ t: 4_000_000_000, i: 0 })],
  [/a/],
  [/a/i],
  [/b/],
  [new Code('a')],
  [new Code('b')],
  [new Code('a', { x: 1 })],
  [new Code('a', { x: 2 })],
  [new MaxKey()],
]

describe('values are sorted as MongoDB sorts them', () => {
  test('each comes before all that come after it', () => {
    const flat = ASCENDING.flatMap((row, rank) => row.map((value) => ({ value, rank })))
    const wrong = flat.flatMap((one) =>
      flat
        .filter((other) => compared(one.value, other.value) !== Math.sign(one.rank - other.rank))
        .map((other) => [one.value, other.value]),
    )
    expect(wrong).toEqual([])
  })

  test('the rows tell of every type that an id may have', () => {
    const types = new Set(ASCENDING.flat().map((value) => valueOf(value).type))
    expect([...types].toSorted((a, b) => a - b)).toEqual([
      1, 2, 3, 5, 7, 8, 9, 10, 11, 13, 15, 16, 17, 18, 19, 127, 255,
    ])
  })

  test('an id is found where it is not the first field', () => {
    const value = { s: 'x', d: new Date(), b: bytes('z'), r: /x/g, c: new Code('y', {}), _id: 7 }
    const found = idOf(Buffer.from(BSON.serialize(value)))
    expect(compareValues(found, valueOf(7))).toBe(0)
  })

  test('what is no BSON is a fault', () => {
    expect(() => idOf(Buffer.from(BSON.serialize({ name: 'no id' })))).toThrow('has no _id')
    const broken = Buffer.from(BSON.serialize({ a: 1, _id: 1 }))
    broken[4] = 99
    expect(() => idOf(broken)).toThrow('no BSON')
  })
})
