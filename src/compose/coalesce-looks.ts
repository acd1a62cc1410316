import type { Clock } from '../ports/clock.ts'

/** Looks that are asked for this soon after another one are that one. */
const FRESH_MS = 2_000

/** How often Prometheus scrapes is changed by a deploy of it, and the list of its targets is long. */
export const SCRAPE_FRESH_MS = 5 * 60_000

/** However many incidents are watched, production is looked at once at a time. */
export function coalescedLooks<Seen>(
  clock: Clock,
  look: (stopped: AbortSignal) => Promise<Seen>,
  freshMs = FRESH_MS,
): (stopped: AbortSignal) => Promise<Seen> {
  let last: { readonly atMs: number; readonly seen: Promise<Seen> } | null = null
  return (stopped) => {
    const ageMs = clock.now() - (last?.atMs ?? 0)
    if (last && ageMs >= 0 && ageMs < freshMs) return last.seen
    last = { atMs: clock.now(), seen: look(stopped) }
    return last.seen
  }
}
