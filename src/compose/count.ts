import type { Log } from '../ports/log.ts'

/** Counts once the metrics are there. That it cannot be counted is said, and keeps nobody waiting. */
export function count<Metrics>(
  metrics: () => Promise<Metrics>,
  what: (metrics: Metrics) => void,
  log: Log,
): void {
  metrics().then(what, (error: unknown) => log.warn('metrics cannot be counted', { error }))
}
