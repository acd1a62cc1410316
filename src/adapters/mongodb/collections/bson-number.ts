import { BSON, type BsonValue } from './bson-value.ts'

/** `sign` and `Infinity`, or `coefficient × 10^exponent`, exactly. */
type Decimal = { readonly coefficient: bigint; readonly exponent: number }
type Read = number | bigint | Decimal

const mostCoefficient = 10n ** 34n - 1n
const exponentBias = 6_176
const doubleBias = 1_075

/** Of a decimal in the binary encoding of IEEE 754-2008. */
function readDecimal(bytes: Buffer, at: number): Read {
  const high = bytes.readBigUInt64LE(at + 8)
  const sign = high >> 63n === 1n ? -1 : 1
  const combination = Number((high >> 58n) & 31n)
  if (combination === 31) return Number.NaN
  if (combination === 30) return sign * Number.POSITIVE_INFINITY
  // A coefficient of more than 34 digits stands for zero.
  const large = combination >= 24
  const exponent = Number((high >> (large ? 47n : 49n)) & 0x3fffn) - exponentBias
  const found = ((high & 0x1ffffffffffffn) << 64n) | bytes.readBigUInt64LE(at)
  const coefficient = large || found > mostCoefficient ? 0n : found
  return { coefficient: BigInt(sign) * coefficient, exponent }
}

function read({ type, bytes, at }: BsonValue): Read {
  if (type === BSON.int) return bytes.readInt32LE(at)
  if (type === BSON.double) return bytes.readDoubleLE(at)
  return type === BSON.long ? bytes.readBigInt64LE(at) : readDecimal(bytes, at)
}

/** Every double has an end in decimals: 2^-n is 5^n × 10^-n. */
function asDecimal(value: Read): Decimal {
  if (typeof value === 'object') return value
  if (typeof value === 'bigint') return { coefficient: value, exponent: 0 }
  if (Number.isInteger(value)) return { coefficient: BigInt(value), exponent: 0 }
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const stored = Number((raw >> 52n) & 0x7ffn)
  const fraction = raw & 0xfffffffffffffn
  const mantissa = stored === 0 ? fraction : fraction | (1n << 52n)
  const power = Math.max(stored, 1) - doubleBias
  const coefficient = (value < 0 ? -mantissa : mantissa) * 5n ** BigInt(-power)
  return { coefficient, exponent: power }
}

const ordered = (left: number | bigint, right: number | bigint): number =>
  left < right ? -1 : left > right ? 1 : 0

function compareDecimals(left: Decimal, right: Decimal): number {
  const least = Math.min(left.exponent, right.exponent)
  const scaled = ({ coefficient, exponent }: Decimal): bigint =>
    coefficient * 10n ** BigInt(exponent - least)
  return ordered(scaled(left), scaled(right))
}

/** By value, whatever its type; no number is smaller than all numbers. */
export function compareNumbers(one: BsonValue, other: BsonValue): number {
  const left = read(one)
  const right = read(other)
  const leftIsNone = Number.isNaN(left)
  const rightIsNone = Number.isNaN(right)
  if (leftIsNone || rightIsNone) return Number(rightIsNone) - Number(leftIsNone)
  // JavaScript compares a bigint and a number exactly.
  if (typeof left !== 'object' && typeof right !== 'object') return ordered(left, right)
  if (left === Infinity || right === -Infinity) return left === right ? 0 : 1
  if (right === Infinity || left === -Infinity) return left === right ? 0 : -1
  return compareDecimals(asDecimal(left), asDecimal(right))
}
