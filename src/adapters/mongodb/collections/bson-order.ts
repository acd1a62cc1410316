import { compareNumbers } from './bson-number.ts'
import { afterZero, BSON, fieldsOf, sizeOf, type BsonValue } from './bson-value.ts'

/** https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/ */
const RANKS: Readonly<Record<number, number>> = {
  [BSON.minKey]: -1,
  [BSON.undefined]: 0,
  [BSON.null]: 5,
  [BSON.decimal]: 10,
  [BSON.double]: 10,
  [BSON.int]: 10,
  [BSON.long]: 10,
  [BSON.string]: 15,
  [BSON.symbol]: 15,
  [BSON.object]: 20,
  [BSON.array]: 25,
  [BSON.binary]: 30,
  [BSON.objectId]: 35,
  [BSON.boolean]: 40,
  [BSON.date]: 45,
  [BSON.timestamp]: 47,
  [BSON.regex]: 50,
  [BSON.pointer]: 55,
  [BSON.code]: 60,
  [BSON.scopedCode]: 65,
  [BSON.maxKey]: 127,
}

const rankOf = (value: BsonValue): number => RANKS[value.type] ?? 126

function bytesOf(value: BsonValue, skip = 0): Buffer {
  return value.bytes.subarray(value.at + skip, value.at + sizeOf(value))
}

/** The shorter is the smaller where all of its bytes are equal. */
const compareBytes = (left: Buffer, right: Buffer): number => Buffer.compare(left, right)

function compareLongs(left: BsonValue, right: BsonValue): number {
  const isSigned = left.type === BSON.date
  const read = ({ bytes, at }: BsonValue): bigint =>
    isSigned ? bytes.readBigInt64LE(at) : bytes.readBigUInt64LE(at)
  return Number(read(left) > read(right)) - Number(read(left) < read(right))
}

/** The longer is the greater; then its subtype decides, then its bytes. */
function compareBinaries(left: BsonValue, right: BsonValue): number {
  const longer = left.bytes.readInt32LE(left.at) - right.bytes.readInt32LE(right.at)
  return longer === 0 ? compareBytes(bytesOf(left, 4), bytesOf(right, 4)) : longer
}

/** Field by field: first its type, then its name, then its value. */
function compareDocuments(left: BsonValue, right: BsonValue): number {
  const others = fieldsOf(right.bytes, right.at)
  for (const field of fieldsOf(left.bytes, left.at)) {
    const { value: other, done } = others.next()
    if (done === true) return 1
    const found =
      rankOf(field) - rankOf(other) ||
      compareBytes(field.name, other.name) ||
      compareValues(field, other)
    if (found !== 0) return found
  }
  return others.next().done === true ? 0 : -1
}

function regexOf({ bytes, at }: BsonValue): readonly [Buffer, Buffer] {
  const flags = afterZero(bytes, at)
  return [bytes.subarray(at, flags - 1), bytes.subarray(flags, afterZero(bytes, flags) - 1)]
}

function compareRegexes(left: BsonValue, right: BsonValue): number {
  const [pattern, flags] = regexOf(left)
  const [otherPattern, otherFlags] = regexOf(right)
  return compareBytes(pattern, otherPattern) || compareBytes(flags, otherFlags)
}

function scopedOf({ bytes, at }: BsonValue) {
  const code: BsonValue = { type: BSON.code, bytes, at: at + 4 }
  return { code, scope: { type: BSON.object, bytes, at: at + 4 + sizeOf(code) } }
}

/** Code, and then the scope it has. */
function compareScoped(left: BsonValue, right: BsonValue): number {
  const [one, other] = [scopedOf(left), scopedOf(right)]
  return compareValues(one.code, other.code) || compareDocuments(one.scope, other.scope)
}

/**
 * In the order in which MongoDB sorts, without a collation: below zero when the left one comes first. Of an
 * `_id`, equal means that both cannot be in one collection.
 */
export function compareValues(left: BsonValue, right: BsonValue): number {
  const ranks = rankOf(left) - rankOf(right)
  if (ranks !== 0) return ranks
  switch (left.type) {
    case BSON.double:
    case BSON.int:
    case BSON.long:
    case BSON.decimal:
      return compareNumbers(left, right)
    case BSON.string:
    case BSON.symbol:
    case BSON.code:
      return compareBytes(bytesOf(left, 4), bytesOf(right, 4))
    case BSON.object:
    case BSON.array:
      return compareDocuments(left, right)
    case BSON.binary:
    case BSON.pointer:
      return compareBinaries(left, right)
    case BSON.date:
    case BSON.timestamp:
      return compareLongs(left, right)
    case BSON.regex:
      return compareRegexes(left, right)
    case BSON.scopedCode:
      return compareScoped(left, right)
    default:
      return compareBytes(bytesOf(left), bytesOf(right))
  }
}
