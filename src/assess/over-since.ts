import type { RatioWindow } from '../domain/assessment/detail.ts'
import { lastAboveQuery, type Counted } from '../promql/count.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Ratio } from './ratio.ts'
import type { Finding } from './probe.ts'

/** Fewer say nothing about whether it is over. */
const ENOUGH = 5

/** Whether the short window beside the long one shows that it is over: so few percent, of enough. */
export function isOver(windows: readonly RatioWindow[], limitPercent: number): boolean {
  const short = windows.at(-1)
  if (!short || windows.length < 2 || short.whole < ENOUGH || short.percent === null) return false
  return short.percent <= limitPercent && windows.some(({ seconds }) => seconds > short.seconds)
}

/** When it ended, as an instant; `null`: it is over, and nobody knows since when; `undefined`: it is not. */
export async function overSince(
  metrics: Metrics,
  {
    counted,
    asked,
    finding,
    nowMs,
    signal,
  }: {
    readonly counted: Counted
    readonly asked: Ratio
    readonly finding: Finding
    readonly nowMs: number
    readonly signal: AbortSignal
  },
): Promise<string | null | undefined> {
  const windows = (finding.detail?.windows ?? []).filter(
    ({ seconds }) => seconds <= counted.windowSeconds,
  )
  const { degradedFromPercent: limit } = asked
  const [long, short] = windows
  if (!long || !short || (long.percent ?? 0) < limit || !isOver(windows, limit)) return undefined
  const overSeconds = Math.max(30, short.seconds / 2)
  const query = lastAboveQuery(counted, limit, { overSeconds })
  const answer = await metrics.instant(query, { signal })
  if (answer.kind !== 'value') return null
  const endedMs = 1_000 * (answer.value - overSeconds / 2)
  return new Date(Math.min(endedMs, nowMs)).toISOString()
}
