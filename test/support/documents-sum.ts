import { createHash } from 'node:crypto'

/** As `DocumentsHash` says it, in the plainest way. */
export const sumOf = (documents: readonly Uint8Array[]): string => {
  const sums = documents.map((one) =>
    BigInt(`0x${createHash('sha256').update(one).digest('hex').slice(0, 32)}`),
  )
  const sum = sums.reduce((before, one) => before + one, 0n) % 2n ** 128n
  return sum.toString(16).padStart(32, '0')
}
