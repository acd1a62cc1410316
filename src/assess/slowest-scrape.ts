import { untilAborted } from '../domain/base/until-aborted.ts'
import type { Metrics, ScrapeTarget } from '../ports/metrics.ts'

/** How often the slowest target is scraped; `null`: Prometheus does not tell. Never throws. */
export async function slowestScrapeMs(
  metrics: Metrics | null,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const targets = metrics ? await untilAborted(metrics.targets(signal), signal) : []
    return slowestOf(targets)?.scrapeIntervalMs ?? null
  } catch {
    // Thanos and Mimir list none; then the windows of the settings stand.
    return null
  }
}

/** One that does not tell may be slower than all others. */
export function slowestOf(targets: readonly ScrapeTarget[]): ScrapeTarget | null {
  if (targets.some(({ scrapeIntervalMs }) => scrapeIntervalMs === null)) return null
  const slowestFirst = targets.toSorted(
    (a, b) => (b.scrapeIntervalMs ?? 0) - (a.scrapeIntervalMs ?? 0),
  )
  return slowestFirst[0] ?? null
}
