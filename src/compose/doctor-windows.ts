import { slowestOf } from '../assess/slowest-scrape.ts'
import type { Config } from '../config/load-config.ts'
import { measuredOverMs } from '../domain/assessment/query-window.ts'
import {
  SCRAPES,
  scrapeIntervalMs,
  watchWindow,
  type WatchWindow,
} from '../domain/assessment/watch-window.ts'
import { careful, ok, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import { inWords } from '../domain/text/duration.ts'
import { WATCH } from '../domain/watch/watch.ts'
import type { ScrapeTarget } from '../ports/metrics.ts'
import type { World } from '../ports/world.ts'

const TRIED = 'windows of the queries'

/** What is asked over a window, and read as it is now. */
const OVER_A_WINDOW = ['traffic', 'errors', 'logins', 'loginFailures', 'p95'] as const

type Metrics = Config['assess']['metrics']

/** Whether every window holds four scrapes, and in which one a watch asks. */
export async function checkWindows(
  { assess: { metrics: settings, deadlineMs } }: Pick<Config, 'assess'>,
  { metrics }: Pick<World, 'metrics'>,
): Promise<readonly Check[]> {
  if (!metrics) return []
  try {
    const targets = await metrics.targets(AbortSignal.timeout(deadlineMs))
    return windowChecks(settings, slowestOf(targets))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    // That it does not answer, or wants other credentials, is told by the probes.
    return error.kind === 'terminal' && error.code === null ? windowChecks(settings, null) : []
  }
}

export function windowChecks(settings: Metrics, slowest: ScrapeTarget | null): readonly Check[] {
  const scrapeMs = scrapeIntervalMs(settings, slowest?.scrapeIntervalMs ?? null)
  const window = watchWindow(settings, scrapeMs)
  if (scrapeMs === null) {
    const found = `Prometheus does not list how often it scrapes, so a watch asks in the windows of the settings: ${fromWhen(window)}`
    return [careful('prometheus', TRIED, found, 'set prometheus.scrapeIntervalSeconds')]
  }
  return [windowCheck(settings, slowest, { scrapeMs, window }), ...staleBetween(settings, scrapeMs)]
}

function windowCheck(
  settings: Metrics,
  slowest: ScrapeTarget | null,
  { scrapeMs, window }: { readonly scrapeMs: number; readonly window: WatchWindow },
): Check {
  const byWhom = settings.scrapeIntervalSeconds === null ? ` by job ${slowest?.job ?? ''}` : ''
  const scraped = `scraped every ${inWords(scrapeMs)}${byWhom}`
  const fewest = inWords(SCRAPES * scrapeMs)
  const short = OVER_A_WINDOW.filter((name) => {
    // What its text does not show is not held against it.
    return measuredOverMs(settings[name], Infinity) < SCRAPES * scrapeMs
  })
  if (short.length > 0) {
    const found = `${short.join(', ')}: a window too short for what is ${scraped}, as four scrapes take ${fewest}`
    const todo = `use windows of at least ${fewest}, or set prometheus.scrapeIntervalSeconds where the services are scraped more often`
    return careful('prometheus', TRIED, found, todo)
  }
  const words = `${scraped}; a watch asks over ${inWords(window.windowMs)}, and ${fromWhen(window)}`
  return neverSettles(window) ?? ok('prometheus', TRIED, words)
}

function fromWhen({ settlesMs }: WatchWindow): string {
  return `its numbers speak of now ${inWords(settlesMs)} after a run`
}

function neverSettles({ settlesMs, windowMs }: WatchWindow): Check | null {
  if (settlesMs < WATCH.forMs) return null
  const found = `errors are measured over ${inWords(windowMs)}: no watch can become stable`
  return careful(
    'prometheus',
    TRIED,
    found,
    'ask prometheus.errors and traffic over a shorter time',
  )
}

/** Just before the next scrape the newest sample is as old as the time between two. */
function staleBetween({ staleAfterSeconds }: Metrics, scrapeMs: number): readonly Check[] {
  if (staleAfterSeconds * 1_000 >= scrapeMs * 1.5) return []
  const found = `what is scraped every ${inWords(scrapeMs)} is called stale after ${staleAfterSeconds} s, so that at times no number counts`
  const todo = `set prometheus.staleAfterSeconds to ${Math.ceil((2 * scrapeMs) / 1_000)}`
  return [careful('prometheus', 'prometheus.staleAfterSeconds', found, todo)]
}
