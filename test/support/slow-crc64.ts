const POLYNOMIAL = 0xc96c5795d7870f42n

/** CRC-64/XZ bit by bit, as it is defined: the other way to the same number. */
export const crc64 = (bytes: Uint8Array): bigint => {
  let crc = 0xffffffffffffffffn
  for (const byte of bytes) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ POLYNOMIAL : crc >> 1n
  }
  return BigInt.asIntN(64, crc ^ 0xffffffffffffffffn)
}
