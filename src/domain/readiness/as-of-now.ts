import { toMs } from '../base/instant.ts'
import { inRoundWords } from '../text/duration.ts'
import type { Reading } from './readiness.ts'
import type { ReadinessSettings } from './settings.ts'

const MINUTE_MS = 60_000

/** A check that is under way, or waits for a rollback to end, is no reason to know nothing. */
const GRACE_MS = 10 * MINUTE_MS

/** Checked only when somebody asks, it holds for as long as it would by default. */
const UNSCHEDULED_MINUTES = 60

function holdsForMs({ everyMinutes }: Pick<ReadinessSettings, 'everyMinutes'>): number {
  return (everyMinutes || UNSCHEDULED_MINUTES) * MINUTE_MS + GRACE_MS
}

/** The reading as it may be shown now: what was checked too long ago is not known (J10). */
export function asOfNow(
  reading: Reading,
  nowMs: number,
  settings: Pick<ReadinessSettings, 'everyMinutes'>,
): Reading {
  const ageMs = nowMs - toMs(reading.at)
  // From the future: a clock was set, and the age is not known.
  if (ageMs <= holdsForMs(settings) && ageMs >= -GRACE_MS) return reading
  const how = ageMs < 0 ? 'at a time that is still to come' : `${inRoundWords(ageMs)} ago`
  const old = { state: 'unknown', because: `it was last checked ${how}` } as const
  return {
    ...reading,
    waysBack: reading.waysBack.map((way) => ({ ...way, ...old, checks: [] })),
    beside: reading.beside.map((check) => ({ ...check, ...old })),
  }
}
