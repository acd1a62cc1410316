import type { MetricsSettings } from '../domain/assessment/settings.ts'
import { toIso } from '../domain/base/instant.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import type { Window } from '../domain/chart/chart.ts'
import type { Metrics } from '../ports/metrics.ts'
import { seriesIn } from './range-series.ts'

const STEP_MS = 60_000
const BACK_MS = 6 * 60 * 60_000

/** Since when a dependency is down, as its exporter tells; left out: it does not tell, or says that it is up. */
export type DownSince = {
  readonly [Probe in 'database-answering' | 'cache-answering']?: {
    /** `null`: as far back as was looked. */
    readonly after: string | null
    readonly by: string
  }
}

/** Asked beside the probes, within their deadline. Never throws: what is not told is left out (J10). */
export async function readDownSince(
  metrics: Metrics | null,
  { databaseUp, cacheUp }: MetricsSettings,
  { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
): Promise<DownSince> {
  if (!metrics) return {}
  const toMs = Math.floor(nowMs / STEP_MS) * STEP_MS
  const window: Window = { fromMs: toMs - BACK_MS, toMs, stepMs: STEP_MS }
  const over = { ...window, stepSeconds: STEP_MS / 1_000, signal }
  const asking = metrics
  async function since(query: string | null) {
    if (query === null) return null
    try {
      const { values } = seriesIn(await untilAborted(asking.range(query, over), signal), window)
      return downIn(values, window)
    } catch {
      return null
    }
  }
  const [database, cache] = await Promise.all([since(databaseUp), since(cacheUp)])
  return {
    ...(database && { 'database-answering': database }),
    ...(cache && { 'cache-answering': cache }),
  }
}

/** Between the last moment at which it was up and the first after that at which it was not. */
function downIn(values: readonly (number | null)[], { fromMs }: Pick<Window, 'fromMs'>) {
  const newest = values.findLastIndex((value) => value !== null)
  if (newest < 0 || isUp(values[newest] ?? null)) return null
  const lastUp = values.findLastIndex(isUp)
  const firstDown = values.findIndex((value, index) => index > lastUp && value !== null)
  const at = (index: number) => toIso(fromMs + index * STEP_MS)
  return { after: lastUp < 0 ? null : at(lastUp), by: at(firstDown) }
}

function isUp(value: number | null): boolean {
  return value !== null && value >= 1
}
