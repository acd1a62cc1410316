import { setTimeout as sleep } from 'node:timers/promises'

/** Looks until it is good or time is up, and gives back what was seen last, to be asserted on. */
export const eventually = async <T>(
  look: () => Promise<T>,
  good: (seen: T) => boolean,
  withinMs = 15_000,
): Promise<T> => {
  const deadline = Date.now() + withinMs
  for (;;) {
    const seen = await look()
    if (good(seen) || Date.now() > deadline) return seen
    await sleep(100)
  }
}
