import type { Clock } from '../ports/clock.ts'

/** Time as the engine counts it: it never goes back, whatever somebody sets the machine's clock to. */
export type SteadyClock = Clock & {
  /** Tells it of a moment that has been: from then on it is never earlier. Milliseconds since the epoch. */
  reach(ms: number): void
}

/**
 * The later of the wall clock and of what has passed since the latest known moment. `monotonic` counts
 * milliseconds and is never set; while the machine sleeps it may stand still, and then the wall clock tells.
 */
export function steadyClock({
  wall,
  monotonic,
}: {
  readonly wall: () => number
  readonly monotonic: () => number
}): SteadyClock {
  let known = { ms: wall(), at: monotonic() }

  function now(): number {
    const at = monotonic()
    const passed = known.ms + Math.max(0, at - known.at)
    known = { ms: Math.max(passed, wall()), at }
    // Whole milliseconds, as every clock tells them: timers take no others.
    return Math.floor(known.ms)
  }

  return {
    now,
    reach(ms) {
      if (ms > now()) known = { ms, at: monotonic() }
    },
  }
}
