import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { documentsSum } from '../../../src/domain/data/documents-sum.ts'

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/** As `DocumentsHash` says it, in numbers that cannot overflow. */
function slowly(digests: readonly Buffer[]): string {
  const first128 = (digest: Buffer) => BigInt(`0x${digest.subarray(0, 16).toString('hex')}`)
  const sum = digests.reduce((all, digest) => all + first128(digest), 0n)
  return (sum % 2n ** 128n).toString(16).padStart(32, '0')
}

function sumOf(digests: readonly Uint8Array[]): string {
  const sum = documentsSum()
  for (const digest of digests) sum.add(digest)
  return sum.hex()
}

test('the sum of any documents is that of big numbers, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 60 }), (documents) => {
      const digests = documents.map(digestOf)
      expect(sumOf(digests)).toBe(slowly(digests))
      expect(sumOf(digests.toReversed())).toBe(slowly(digests))
    }),
  )
})

test('it carries from the lowest digit to the highest, and over the end', () => {
  const ones = Buffer.alloc(32, 0xff)
  const one = Buffer.alloc(32)
  one[15] = 1
  expect(sumOf([ones, one])).toBe('0'.repeat(32))
  expect(sumOf([ones, ones, one])).toBe('f'.repeat(32))
})

test('a million of the largest are still exact', () => {
  const ones = Buffer.alloc(32, 0xff)
  const sum = documentsSum()
  const many = 2 ** 20 + 5
  for (let added = 0; added < many; added += 1) sum.add(ones)
  const expected = (BigInt(many) * (2n ** 128n - 1n)) % 2n ** 128n
  expect(sum.hex()).toBe(expected.toString(16).padStart(32, '0'))
})
