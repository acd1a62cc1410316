import { round } from './ratio.ts'
import type { Interval } from '../domain/assessment/detail.ts'
import type { Measurement } from '../domain/assessment/measurement.ts'
import type { MatrixSettings } from '../domain/assessment/settings.ts'
import { healthOf } from './outage.ts'
import type { Observed, Seen } from './observed.ts'

/** `above` and `below` leave the limit itself out; `from` and `to` take it in. */
type Range = {
  readonly above?: number
  readonly from?: number
  readonly to?: number
  readonly below?: number
}

/** How a percentage is said. `beyond`: the word for being past a limit. */
type Quantity = { readonly name: string; readonly beyond: string; show(percent: string): string }

/** A part of a whole: "5xx 62.0 %". */
export function share(name: string): Quantity {
  return { name, beyond: 'above', show: (percent) => `${percent} %` }
}

/** A rise over a baseline: "p95 +60.2 %". */
export function rise(name: string): Quantity {
  return { name, beyond: 'above', show: (percent) => `${signed(percent)} %` }
}

/** A fall below a baseline, measured as a positive number: "active users -70.1 %". */
function fall(name: string): Quantity {
  return { name, beyond: 'below', show: (percent) => `${signed(opposite(percent))} %` }
}

function signed(percent: string): string {
  return percent.startsWith('-') ? percent : `+${percent}`
}

function opposite(percent: string): string {
  return percent.startsWith('-') ? percent.slice(1) : `-${percent}`
}

/** A rule over one percentage. What was not measured is unknown, never false (J10). */
export function percentRule(
  probe: string,
  quantity: Quantity,
  rangeOf: (settings: MatrixSettings) => Range,
) {
  return ({ measurements, settings }: Observed): Seen => {
    const range = rangeOf(settings)
    const threshold = range.above ?? range.from ?? 0
    const measurement = measurements.find((one) => one.probe === probe)
    if (measurement?.class !== 'value' || typeof measurement.value !== 'number') {
      return { ...notMeasured(measurement), threshold }
    }
    const percent = measurement.value
    const interval = measurement.detail?.interval ?? null
    if (interval && isUncertain(interval, range)) {
      const because = `not known: ${measurement.summary}`
      return { matched: 'unknown', measured: percent, unit: '%', threshold, because }
    }
    return {
      matched: within(percent, range),
      measured: percent,
      unit: '%',
      threshold,
      because: percentInWords(percent, range, quantity),
    }
  }
}

export function percentInWords(
  percent: number,
  range: Range,
  quantity: Quantity,
  also = '',
): string {
  const threshold = range.above ?? range.from ?? 0
  return `${quantity.name} ${show(percent, threshold, quantity)}${also}, rule ${inWords(range, quantity)}`
}

/** Somewhere between its bounds the answer is another one. */
function isUncertain({ low, high }: Interval, range: Range): boolean {
  const limits = [range.above ?? range.from, range.to ?? range.below].filter(
    (one) => one !== undefined,
  )
  return limits.some((limit) => low <= limit && high > limit)
}

function within(percent: number, { above, from, to, below }: Range): boolean {
  return (
    (above === undefined || percent > above) &&
    (from === undefined || percent >= from) &&
    (to === undefined || percent <= to) &&
    (below === undefined || percent < below)
  )
}

function inWords({ above, from, to, below }: Range, quantity: Quantity): string {
  // One that follows from a baseline has as many digits as a number can have.
  const limit = (percent: number) => quantity.show(String(round(percent, 2)))
  if (above !== undefined) return `${quantity.beyond} ${limit(above)}`
  if (to !== undefined) return `from ${limit(from ?? 0)} to ${limit(to)}`
  return `from ${limit(from ?? 0)} to below ${limit(below ?? 0)}`
}

/** One decimal, unless that would show a limit which the exact value does not reach. */
function show(percent: number, threshold: number, quantity: Quantity): string {
  const digits = [1, 2, 3].find((n) => Number(percent.toFixed(n)) !== threshold)
  const exact = percent === threshold || digits === undefined
  return quantity.show(exact ? String(percent) : percent.toFixed(digits))
}

export function notMeasured(measurement: Measurement | undefined): Seen {
  const because = measurement ? `not known: ${measurement.summary}` : 'not known: not configured'
  return { matched: 'unknown', measured: null, unit: '%', threshold: null, because }
}

export const activeUsersDown = percentRule(
  'active-users-near-baseline',
  fall('active users'),
  ({ activeUsersDownPercent }) => ({ above: activeUsersDownPercent }),
)

/** Reported, or the cache itself is in trouble while every service is well. */
export function cacheTrouble({ measurements, symptoms }: Observed): Seen {
  const plain = { measured: null, unit: null, threshold: null }
  if (symptoms.includes('cache-issue')) {
    return { ...plain, matched: true, because: 'the cache serves wrong data (reported)' }
  }
  const cache = measurements.find(({ probe }) => probe === 'cache-answering')
  if (!cache) return { ...plain, matched: false, because: 'not reported, and no cache configured' }
  if (cache.verdict === 'healthy') {
    return { ...plain, matched: false, because: 'not reported, and Redis is healthy' }
  }
  const { all, passing } = healthOf(measurements)
  const servicesWell = all.length > 0 && passing.length === all.length
  const said = cache.summary.includes('Redis') ? cache.summary : `Redis ${cache.summary}`
  return servicesWell
    ? { ...plain, matched: true, because: `${said}; the services are healthy` }
    : { ...plain, matched: false, because: `${said}, but the services are not healthy either` }
}
