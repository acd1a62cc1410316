import { measuredOverMs, overAtMost } from './query-window.ts'
import type { MetricsSettings } from './settings.ts'

/** So many samples a rate needs, for one that is late or lost. */
export const SCRAPES = 4

/** Shorter ones say little about production, however often it is scraped. */
const SHORTEST_MS = 60_000

/** Of a counter that begins anew, the first samples show no rate. */
const LATE_SCRAPES = 2
const LATE_MS = 30_000

/** What a watch asks, and from when its numbers speak of the time after a run alone. */
export type WatchWindow = {
  readonly errors: string
  readonly traffic: string
  readonly windowMs: number
  readonly settlesMs: number
}

type Asked = Pick<
  MetricsSettings,
  'errors' | 'traffic' | 'scrapeIntervalSeconds' | 'recordedWindowSeconds'
>

/**
 * As short as the scraping allows, so that a cured service is not called ill for long; in the windows of
 * the settings where it is not known how often is scraped, or a query has no window that could be another.
 */
export function watchWindow(asked: Asked, slowestScrapeMs: number | null): WatchWindow {
  const { errors, traffic } = asked
  const scrapeMs = scrapeIntervalMs(asked, slowestScrapeMs)
  const shortestMs = scrapeMs === null ? null : fewestMs(scrapeMs)
  const shorter = shortestMs === null ? null : bothOver({ errors, traffic }, shortestMs)
  const queries = shorter ?? { errors, traffic }
  const unseenMs = asked.recordedWindowSeconds * 1_000
  // Two rates over different times would be no ratio.
  const windowMs = Math.max(
    measuredOverMs(queries.errors, unseenMs),
    measuredOverMs(queries.traffic, unseenMs),
  )
  const settlesMs = Math.ceil(windowMs + Math.max(LATE_MS, LATE_SCRAPES * (scrapeMs ?? 0)))
  return { ...queries, windowMs, settlesMs }
}

/** As short as lets a beginning be seen, and as long as samples a minute apart need. */
const COURSE_MS = 2 * 60_000

/** A query as its course over hours is asked for: over a short time where it can be, else as it is. */
export function courseQuery(
  query: string,
  { scrapeIntervalSeconds }: Pick<MetricsSettings, 'scrapeIntervalSeconds'>,
): string {
  const ms = Math.max(COURSE_MS, SCRAPES * 1_000 * (scrapeIntervalSeconds ?? 0))
  return overAtMost(query, ms) ?? query
}

/** What the settings say goes before what was read. */
export function scrapeIntervalMs(
  { scrapeIntervalSeconds }: Pick<MetricsSettings, 'scrapeIntervalSeconds'>,
  slowestScrapeMs: number | null,
): number | null {
  return scrapeIntervalSeconds === null ? slowestScrapeMs : scrapeIntervalSeconds * 1_000
}

/** The shortest window in which a rate can be relied on. */
function fewestMs(scrapeMs: number): number {
  return Math.max(SHORTEST_MS, SCRAPES * scrapeMs)
}

function bothOver({ errors, traffic }: Pick<Asked, 'errors' | 'traffic'>, ms: number) {
  const [part, whole] = [overAtMost(errors, ms), overAtMost(traffic, ms)]
  return part === null || whole === null ? null : { errors: part, traffic: whole }
}
