import {
  BASELINES,
  type Baseline,
  type Counts,
  type Interval,
  type RatioWindow,
} from '../domain/assessment/detail.ts'
import { wilson } from '../domain/assessment/wilson.ts'
import { LONG_SECONDS, shortWindows } from '../promql/count.ts'
import type { Parts } from './parts.ts'
import { boundsOf } from './restarts.ts'

/** With more events than this, chance moves a ratio less than the rules care. */
const FEW_EVENTS = 150

/** A rate needs so many samples. */
const SCRAPES = 4

/** One service's numbers, or those of all. */
export type CountView = {
  readonly service: string
  readonly counts: Counts
  /** The window itself, the short one beside it where there is one, and the long one. */
  readonly windows: readonly RatioWindow[]
  readonly interval: Interval | null
  readonly ageSeconds: number | null
  readonly restarts: number
  /** So many may have been counted and lost, when instances restarted. */
  readonly lost: number
}

type Wanted = { readonly windowSeconds: number; readonly by: string }

/** Every service that was counted, by what its label says. */
export function serviceViews(
  now: Parts,
  before: Parts | null,
  wanted: Wanted,
): readonly CountView[] {
  const { windowSeconds, by } = wanted
  const wholes = now.of(`whole ${windowSeconds}`, by)
  return [...wholes.keys()].map((service) => {
    const at = (name: string) => now.of(name, by).get(service)
    const counts = countsOf(now, `${windowSeconds}`, by, service)
    const short = shortOf(windowSeconds, at('samples') ?? 0)
    const windows = [
      ...(before ? [windowOf(countsOf(before, 'long', by, service), LONG_SECONDS)] : []),
      windowOf(counts, windowSeconds),
      ...(short ? [windowOf(countsOf(now, `${short}`, by, service), short)] : []),
    ]
    const restarts = Math.max(at('resets') ?? 0, at('starts') ?? 0)
    const ageSeconds = at('age') ?? null
    return {
      service,
      counts,
      windows,
      interval: fewInterval(counts),
      ageSeconds,
      restarts,
      lost: 0,
    }
  })
}

/** All of them together. What one of them lacks, the whole lacks. */
export function wholeOf(views: readonly CountView[]): CountView | null {
  const [first] = views
  if (!first) return null
  const counts = added(views.map((view) => view.counts))
  const windows = first.windows.flatMap(({ seconds }) => {
    const same = views.flatMap((view) => view.windows.filter((one) => one.seconds === seconds))
    return same.length === views.length ? [windowOf(added(same), seconds)] : []
  })
  const ages = views.flatMap(({ ageSeconds }) => ageSeconds ?? [])
  const lost = views.reduce((sum, view) => sum + view.lost, 0)
  return {
    service: '',
    counts,
    windows,
    lost,
    interval: lost > 0 ? boundsOf(counts, lost) : fewInterval(counts),
    ageSeconds: ages.length === views.length ? Math.max(...ages) : null,
    restarts: views.reduce((sum, { restarts }) => sum + restarts, 0),
  }
}

/** What of the same hour before, of these services, has at least so many events. */
export function ratioBaselines(
  before: Parts,
  { by, services, minimum }: { by: string; services: readonly string[]; minimum: number },
): readonly Omit<Baseline, 'abnormal'>[] {
  return BASELINES.flatMap((of) => {
    const { part, whole } = added(services.map((one) => countsOf(before, of, by, one)))
    if (whole < minimum) return []
    return [{ of, value: (100 * part) / whole, unit: '%', events: Math.round(whole) }]
  })
}

function countsOf(parts: Parts, name: string, by: string, service: string): Counts {
  const part = parts.of(`part ${name}`, by).get(service) ?? 0
  return { part, whole: parts.of(`whole ${name}`, by).get(service) ?? 0 }
}

function added(counts: readonly Counts[]): Counts {
  return counts.reduce(
    (sum, { part, whole }) => ({ part: sum.part + part, whole: sum.whole + whole }),
    { part: 0, whole: 0 },
  )
}

function windowOf({ part, whole }: Counts, seconds: number): RatioWindow {
  return { part, whole, seconds, percent: whole > 0 ? (100 * part) / whole : null }
}

function fewInterval({ part, whole }: Counts): Interval | null {
  if (whole >= FEW_EVENTS) return null
  return { ...wilson(part, whole), because: 'few' }
}

/** As long as a minute, or as four scrapes where that is longer. */
function shortOf(windowSeconds: number, samples: number): number | null {
  if (samples < 2) return null
  const scrapeSeconds = windowSeconds / samples
  const fitting = shortWindows({ windowSeconds }).filter((seconds) => {
    // One late scrape must not make it twice as long.
    return seconds * 1.1 >= SCRAPES * scrapeSeconds
  })
  return fitting[0] ?? null
}
