import { isUtf8 } from 'node:buffer'

/** Deeper ones no server stores: https://www.mongodb.com/docs/manual/reference/limits/ */
const DEEPEST = 200

/** Bytes of a value by its type, where they are always as many; -1: it says so itself, or there is no such type. */
const FIXED = new Int8Array(256).fill(-1)
for (const [type, size] of [
  [0x01, 8], // double
  [0x06, 0], // undefined
  [0x07, 12], // ObjectId
  [0x08, 1], // boolean
  [0x09, 8], // date
  [0x0a, 0], // null
  [0x10, 4], // int32
  [0x11, 8], // timestamp
  [0x12, 8], // int64
  [0x13, 16], // decimal128
  [0x7f, 0], // MaxKey
  [0xff, 0], // MinKey
] as const) {
  FIXED[type] = size
}

/** -1: not well-formed. */
const BAD = -1

/**
 * Whether these bytes are one well-formed document: every length fits into the one around it, every type is
 * known, every text is UTF-8. https://bsonspec.org/spec.html
 */
export function isBson(bytes: Buffer, from: number, to: number): boolean {
  return document(bytes, from, to, 1) === to
}

/** The end of the document that begins at `at`. */
function document(bytes: Buffer, at: number, end: number, depth: number): number {
  if (depth > DEEPEST || at + 5 > end) return BAD
  const to = at + int32(bytes, at)
  if (to < at + 5 || to > end || bytes[to - 1] !== 0) return BAD
  let next = at + 4
  const last = to - 1
  while (next < last) {
    const type = byteAt(bytes, next)
    next = name(bytes, next + 1, last)
    if (next === BAD) return BAD
    const size = FIXED[type] ?? BAD
    if (size >= 0) {
      if (type === 0x08 && byteAt(bytes, next) > 1) return BAD
      next += size
    } else {
      next = value(bytes, type, next, last, depth)
      if (next === BAD) return BAD
    }
    if (next > last) return BAD
  }
  return next === last ? to : BAD
}

function value(bytes: Buffer, type: number, at: number, end: number, depth: number): number {
  switch (type) {
    case 0x02: // string
    case 0x0d: // code
    case 0x0e: // symbol
      return text(bytes, at, end)
    case 0x03: // document
    case 0x04: // array
      return document(bytes, at, end, depth + 1)
    case 0x05:
      return binary(bytes, at, end)
    case 0x0b: {
      // regular expression: pattern, flags
      const flags = name(bytes, at, end)
      return flags === BAD ? BAD : name(bytes, flags, end)
    }
    case 0x0c: {
      // DBPointer
      const id = text(bytes, at, end)
      return id === BAD ? BAD : id + 12
    }
    case 0x0f:
      return codeWithScope(bytes, at, end, depth)
    default:
      return BAD
  }
}

/** Always within what was read. */
function byteAt(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0
}

function int32(bytes: Buffer, at: number): number {
  return (
    byteAt(bytes, at) |
    (byteAt(bytes, at + 1) << 8) |
    (byteAt(bytes, at + 2) << 16) |
    (byteAt(bytes, at + 3) << 24)
  )
}

/** Text that ends with a zero: where it goes on after it. */
function name(bytes: Buffer, at: number, end: number): number {
  let next = at
  let high = 0
  for (; next < end; next += 1) {
    const byte = byteAt(bytes, next)
    if (byte === 0) break
    high |= byte
  }
  if (next >= end) return BAD
  return high < 128 || isUtf8(bytes.subarray(at, next)) ? next + 1 : BAD
}

/** Text with its length before it, which counts the zero after it. */
function text(bytes: Buffer, at: number, end: number): number {
  if (at + 5 > end) return BAD
  const to = at + 4 + int32(bytes, at)
  if (to < at + 5 || to > end || bytes[to - 1] !== 0) return BAD
  // A call costs more than it saves on short ones.
  if (to - at > 64) return isUtf8(bytes.subarray(at + 4, to)) ? to : BAD
  let high = 0
  for (let next = at + 4; next < to; next += 1) high |= byteAt(bytes, next)
  return high < 128 || isUtf8(bytes.subarray(at + 4, to)) ? to : BAD
}

function binary(bytes: Buffer, at: number, end: number): number {
  if (at + 5 > end) return BAD
  const length = int32(bytes, at)
  const to = at + 5 + length
  if (length < 0 || to > end) return BAD
  // The old kind of binary says its length twice.
  if (bytes[at + 4] === 2 && (length < 4 || int32(bytes, at + 5) !== length - 4)) return BAD
  return to
}

function codeWithScope(bytes: Buffer, at: number, end: number, depth: number): number {
  if (at + 14 > end) return BAD
  const to = at + int32(bytes, at)
  if (to < at + 14 || to > end) return BAD
  const scope = text(bytes, at + 4, to)
  if (scope === BAD) return BAD
  return document(bytes, scope, to, depth + 1) === to ? to : BAD
}
