import type { EnvironmentMetrics } from '../../adapters/http/bot-metrics.ts'
import { toMs } from '../../domain/base/instant.ts'
import { worstOf, type Reading } from '../../domain/readiness/readiness.ts'

export type ReadinessGauges = Pick<EnvironmentMetrics, 'readiness' | 'readinessAge'>

/** As it is shown now. Of what is not known there is an age, and no state (J10). */
export function countReadiness(
  reading: Reading | null,
  nowMs: number,
  { readiness, readinessAge }: ReadinessGauges,
): void {
  readiness.reset()
  readinessAge.reset()
  if (!reading) return
  const ageSeconds = Math.max(0, (nowMs - toMs(reading.at)) / 1_000)
  for (const [procedure, ways] of Map.groupBy(reading.waysBack, (way) => way.procedure)) {
    readinessAge.set({ procedure }, ageSeconds)
    const state = worstOf(ways.map((way) => way.state))
    if (state !== 'unknown') readiness.set({ procedure }, state === 'ready' ? 1 : 0)
  }
}
