import { measuredOverMs } from '../../domain/assessment/query-window.ts'
import type { CheckOf } from '../../domain/verification/settings.ts'
import { notANumber } from '../metric-answer.ts'
import { round } from '../ratio.ts'
import type { CheckContext } from './check-context.ts'
import { settled } from './settled.ts'
import { failed, notMeasured, outcomeOf, passed, type Outcome } from './outcome.ts'

const NOT_CONFIGURED = 'Prometheus is not configured'

/** Why a number of the metrics does not stand for now; `null`: it does. */
async function staleness({ freshness }: CheckContext): Promise<Outcome | null> {
  const fresh = await freshness()
  if (fresh?.class === 'value' && fresh.verdict === 'healthy') return null
  return notMeasured(`not known to be fresh: ${fresh?.summary ?? NOT_CONFIGURED}`)
}

export async function query(
  { query: asked, max, min, unit }: CheckOf<'query'>,
  context: CheckContext,
): Promise<Outcome> {
  const { metrics } = context.world
  if (!metrics) return notMeasured(NOT_CONFIGURED)
  const [answer, stale] = await Promise.all([
    metrics.instant(asked, { signal: context.signal }),
    staleness(context),
  ])
  if (answer.kind !== 'value') return outcomeOf(notANumber('this query', answer))
  if (stale) return stale
  const overMs = measuredOverMs(asked, context.settings.metrics.recordedWindowSeconds * 1000)
  const { value } = answer
  const seen = inUnit(value, unit)
  const most = max !== undefined && value > max ? `at most ${inUnit(max, unit)}` : null
  const least = min !== undefined && value < min ? `at least ${inUnit(min, unit)}` : null
  const expected = most ?? least
  return expected === null ? passed(seen) : settled(failed(seen, expected), overMs, context)
}

const WINDOW_MS = 5 * 60_000

/** Requests that ended in 5xx, of real traffic: where nobody asks anything, nothing fails. */
export async function serverErrors(
  { maxPerSecond }: CheckOf<'server-errors'>,
  context: CheckContext,
): Promise<Outcome> {
  const { metrics } = context.world
  if (!metrics) return notMeasured(NOT_CONFIGURED)
  const { signal, settings } = context
  const { traffic, minimumRequestsPerSecond } = settings.metrics
  const [whole, errors, stale] = await Promise.all([
    metrics.instant(traffic, { signal }),
    metrics.instant(overFiveMinutes(settings.metrics), { signal }),
    staleness(context),
  ])
  if (whole.kind !== 'value') return outcomeOf(notANumber('requests per second', whole))
  const requests = `${round(whole.value, 2)} requests/s`
  if (whole.value < minimumRequestsPerSecond) {
    return notMeasured(`only ${requests}: below ${minimumRequestsPerSecond}/s it says nothing`)
  }
  if (errors.kind !== 'value') return outcomeOf(notANumber('5xx', errors))
  if (!Number.isFinite(errors.value) || errors.value < 0) {
    return notMeasured(`5xx: ${errors.value} is no rate`)
  }
  if (stale) return stale
  const seen = `${round(errors.value, 4)} 5xx/s of ${requests}`
  if (errors.value <= maxPerSecond) return passed(seen)
  return settled(failed(seen, `at most ${maxPerSecond}/s`), WINDOW_MS, context)
}

/** The configured query, as high as it was within five minutes where it looks back less far than that. */
function overFiveMinutes({
  errors,
  recordedWindowSeconds,
}: CheckContext['settings']['metrics']): string {
  const reachMs = measuredOverMs(errors, recordedWindowSeconds * 1000)
  const lacks = Math.ceil((WINDOW_MS - reachMs) / 1000)
  return lacks <= 0 ? errors : `max_over_time((${errors})[${lacks}s:15s])`
}

function inUnit(value: number, unit: string): string {
  const shown = round(value, 4)
  return unit === '' ? String(shown) : `${shown} ${unit}`
}
