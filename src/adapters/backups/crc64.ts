/** ECMA-182 reflected, as Go's `crc64.ECMA`: https://reveng.sourceforge.io/crc-catalogue/all.htm#crc.cat.crc-64-xz */
const POLYNOMIAL = { high: 0xc96c5795 | 0, low: 0xd7870f42 | 0 }

const SLICES = 8
/** Low and high half side by side, so that one look fetches both. */
const STRIDE = 512

const TABLE = tables()

/** Always within the table. */
function of(at: number): number {
  return TABLE[at] ?? 0
}

function tables(): Int32Array {
  const table = new Int32Array(STRIDE * SLICES)
  for (let byte = 0; byte < 256; byte += 1) {
    let low = byte
    let high = 0
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = low & 1
      low = (low >>> 1) | (high << 31)
      high >>>= 1
      if (odd) {
        low ^= POLYNOMIAL.low
        high ^= POLYNOMIAL.high
      }
    }
    table[2 * byte] = low
    table[2 * byte + 1] = high
  }
  for (let at = STRIDE; at < table.length; at += 2) {
    const low = table[at - STRIDE] ?? 0
    const high = table[at - STRIDE + 1] ?? 0
    const first = (low & 255) << 1
    table[at] = ((low >>> 8) | (high << 24)) ^ (table[first] ?? 0)
    table[at + 1] = (high >>> 8) ^ (table[first + 1] ?? 0)
  }
  return table
}

export type Crc64 = {
  update(bytes: Uint8Array, from: number, to: number): void
  /** As the archive writes it: a signed number of 64 bits. */
  value(): bigint
}

/**
 * CRC-64/XZ, eight bytes at a step and without a BigInt until the end. Words are read as this machine orders
 * them, which is little-endian wherever Node runs but on s390x.
 */
export function crc64(): Crc64 {
  let low = -1
  let high = -1

  function byByte(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const k = ((low ^ (bytes[at] ?? 0)) & 255) << 1
      low = ((low >>> 8) | (high << 24)) ^ of(k)
      high = (high >>> 8) ^ of(k + 1)
    }
  }

  function byEight(words: Int32Array): void {
    let l = low
    let h = high
    for (let at = 0; at < words.length; at += 2) {
      const a = l ^ (words[at] ?? 0)
      const b = h ^ (words[at + 1] ?? 0)
      const a0 = 3584 + ((a & 255) << 1)
      const a1 = 3072 + ((a >>> 7) & 510)
      const a2 = 2560 + ((a >>> 15) & 510)
      const a3 = 2048 + ((a >>> 23) & 510)
      const b0 = 1536 + ((b & 255) << 1)
      const b1 = 1024 + ((b >>> 7) & 510)
      const b2 = 512 + ((b >>> 15) & 510)
      const b3 = (b >>> 23) & 510
      l = of(a0) ^ of(a1) ^ of(a2) ^ of(a3) ^ of(b0) ^ of(b1) ^ of(b2) ^ of(b3)
      h = of(a0 + 1) ^ of(a1 + 1) ^ of(a2 + 1) ^ of(a3 + 1)
      h ^= of(b0 + 1) ^ of(b1 + 1) ^ of(b2 + 1) ^ of(b3 + 1)
    }
    low = l
    high = h
  }

  return {
    update(bytes, from, to) {
      const aligned = Math.min(to, from + ((4 - ((bytes.byteOffset + from) & 3)) & 3))
      byByte(bytes, from, aligned)
      const steps = (to - aligned) >> 3
      if (steps > 0) byEight(new Int32Array(bytes.buffer, bytes.byteOffset + aligned, steps * 2))
      byByte(bytes, aligned + steps * 8, to)
    },
    value: () => BigInt.asIntN(64, (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)),
  }
}
