const MINUTE_MS = 60_000

/** More addresses than a team has; beyond them the count begins anew. */
const MOST = 10_000

export type Pace = {
  /** Whether one more of this kind from there is still heard in this minute. */
  allows(address: string, what: keyof typeof PER_MINUTE): boolean
}

/** So many a person never needs, and a program that guesses does. */
const PER_MINUTE = { look: 120, send: 20 } as const

export function paceOf(now: () => number): Pace {
  const counts = new Map<string, number>()
  let minute = 0
  return {
    allows(address, what) {
      const current = Math.floor(now() / MINUTE_MS)
      if (current !== minute || counts.size > MOST) counts.clear()
      minute = current
      const key = `${what} ${address}`
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      return count <= PER_MINUTE[what]
    },
  }
}
