import { Fault } from '../../../domain/base/fault.ts'

/** A value as it lies in a document's bytes. https://bsonspec.org/spec.html */
export type BsonValue = { readonly type: number; readonly bytes: Buffer; readonly at: number }

export type BsonField = BsonValue & { readonly name: Buffer }

export const BSON = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binary: 5,
  undefined: 6,
  objectId: 7,
  boolean: 8,
  date: 9,
  null: 10,
  regex: 11,
  pointer: 12,
  code: 13,
  symbol: 14,
  scopedCode: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  maxKey: 127,
  minKey: 255,
} as const

const FIXED: Readonly<Record<number, number>> = {
  [BSON.double]: 8,
  [BSON.undefined]: 0,
  [BSON.objectId]: 12,
  [BSON.boolean]: 1,
  [BSON.date]: 8,
  [BSON.null]: 0,
  [BSON.int]: 4,
  [BSON.timestamp]: 8,
  [BSON.long]: 8,
  [BSON.decimal]: 16,
  [BSON.maxKey]: 0,
  [BSON.minKey]: 0,
}

/** Besides the length that stands in front of it. */
const COUNTED: Readonly<Record<number, number>> = {
  [BSON.string]: 4,
  [BSON.object]: 0,
  [BSON.array]: 0,
  [BSON.binary]: 5,
  [BSON.pointer]: 16,
  [BSON.code]: 4,
  [BSON.symbol]: 4,
  [BSON.scopedCode]: 0,
}

const notBson = (detail = 'it sent a document that is no BSON'): Fault =>
  new Fault({ kind: 'terminal', dependency: 'mongodb', detail })

/** The byte after the zero that ends it. */
export function afterZero(bytes: Buffer, at: number): number {
  const zero = bytes.indexOf(0, at)
  if (zero === -1) throw notBson()
  return zero + 1
}

export function sizeOf({ type, bytes, at }: BsonValue): number {
  const fixed = FIXED[type]
  if (fixed !== undefined) return fixed
  const besides = COUNTED[type]
  if (besides !== undefined) return bytes.readInt32LE(at) + besides
  if (type === BSON.regex) return afterZero(bytes, afterZero(bytes, at)) - at
  throw notBson()
}

/** The fields of the document that begins there. */
export function* fieldsOf(bytes: Buffer, at = 0): Generator<BsonField> {
  let next = at + 4
  for (;;) {
    const type = bytes[next]
    if (type === 0) return
    if (type === undefined) throw notBson()
    const named = afterZero(bytes, next + 1)
    const field = { type, bytes, at: named, name: bytes.subarray(next + 1, named - 1) }
    yield field
    next = named + sizeOf(field)
  }
}

const ID_FIRST = Buffer.from('_id\0')

/** MongoDB keeps it as the first field. */
export function idOf(document: Buffer): BsonValue {
  if (document.length > 9 && document.compare(ID_FIRST, 0, 4, 5, 9) === 0) {
    return { type: document[4] ?? 0, bytes: document, at: 9 }
  }
  for (const field of fieldsOf(document)) {
    if (field.name.toString() === '_id') return field
  }
  throw notBson('it sent a document that has no _id')
}
