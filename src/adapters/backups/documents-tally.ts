import { hash } from 'node:crypto'

/** A carry is due before the sums lose a bit: 2^20 numbers of 32 bits are far from 2^53. */
const CARRY_EVERY = 1 << 20

export type DocumentsTally = {
  /** The bytes of one document. */
  add(document: Uint8Array): void
  /** How many, how long they are, and the sum of their hashes as `DocumentsHash` says. */
  read(): { readonly documents: number; readonly bytes: number; readonly hash: string }
}

export function documentsTally(): DocumentsTally {
  let documents = 0
  let bytes = 0
  /** Four words of 32 bits, the first the most significant. */
  const sum = new Float64Array(4)

  function carry(): void {
    for (let at = 3; at >= 0; at -= 1) {
      const word = sum[at] ?? 0
      const kept = word % 2 ** 32
      sum[at] = kept
      if (at > 0) sum[at - 1] = (sum[at - 1] ?? 0) + (word - kept) / 2 ** 32
    }
  }

  return {
    add(document) {
      const digest = hash('sha256', document, 'binary')
      for (let word = 0; word < 4; word += 1) {
        const at = word * 4
        sum[word] =
          (sum[word] ?? 0) +
          digest.charCodeAt(at) * 0x1000000 +
          ((digest.charCodeAt(at + 1) << 16) |
            (digest.charCodeAt(at + 2) << 8) |
            digest.charCodeAt(at + 3))
      }
      bytes += document.length
      documents += 1
      if (documents % CARRY_EVERY === 0) carry()
    },
    read() {
      carry()
      const words = [...sum].map((word) => word.toString(16).padStart(8, '0'))
      return { documents, bytes, hash: words.join('') }
    },
  }
}
