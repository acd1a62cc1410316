import { toIso } from '../../domain/base/instant.ts'
import { utcTime } from '../../domain/text/utc.ts'
import type { CheckContext } from './check-context.ts'
import { notMeasured, type Outcome } from './outcome.ts'

/** A scrape that is late, and clocks that are not quite even. */
const LATE_MS = 25_000

/**
 * What was counted over so long, and is bad while that still holds the time before production was changed, says
 * nothing of now. What is good all the same is good.
 */
export function settled(
  outcome: Outcome,
  overMs: number,
  { changedAtMs, world }: Pick<CheckContext, 'changedAtMs' | 'world'>,
): Outcome {
  if (outcome.verdict !== 'failed' || changedAtMs === null) return outcome
  const fromMs = changedAtMs + overMs + LATE_MS
  if (world.clock.now() >= fromMs) return outcome
  const seen = outcome.says.split('; expected')[0] ?? outcome.says
  const from = utcTime(toIso(fromMs))
  return notMeasured(
    `${seen}, which holds the time before the change; it speaks of now from ${from}`,
  )
}
