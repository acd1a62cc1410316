const LANES = 4
const LANE = 2 ** 32
/** So many sums of 32 bits fit into a number without loss. */
const mostUncarried = 2 ** 20

export type DocumentsSum = {
  /** Adds one document, by the SHA-256 of its bytes. */
  add(digest: Uint8Array): void
  /** As `DocumentsHash` describes it. */
  readonly hex: () => string
}

/** The sum of which `DocumentsHash` speaks: the first 128 bits of each digest, the first of them the highest. */
export function documentsSum(): DocumentsSum {
  const lanes = new Float64Array(LANES)
  let uncarried = 0

  const carry = (): void => {
    let over = 0
    for (let lane = LANES - 1; lane >= 0; lane -= 1) {
      const sum = (lanes[lane] ?? 0) + over
      over = Math.floor(sum / LANE)
      lanes[lane] = sum % LANE
    }
    uncarried = 0
  }

  return {
    add(digest) {
      for (let lane = 0; lane < LANES; lane += 1) {
        const at = 4 * lane
        const high = ((digest[at] ?? 0) << 8) | (digest[at + 1] ?? 0)
        const low = ((digest[at + 2] ?? 0) << 8) | (digest[at + 3] ?? 0)
        lanes[lane] = (lanes[lane] ?? 0) + high * 65_536 + low
      }
      uncarried += 1
      if (uncarried === mostUncarried) carry()
    },
    hex() {
      carry()
      return [...lanes].map((lane) => lane.toString(16).padStart(8, '0')).join('')
    },
  }
}
