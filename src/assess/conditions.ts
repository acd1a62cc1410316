import type { Measurement } from '../domain/measurement.ts'
import type { MatrixSettings } from '../domain/settings.ts'
import type { Observed, Seen } from './matrix.ts'

/** `above` and `below` leave the limit itself out; `from` and `to` take it in. */
type Range = {
  readonly above?: number
  readonly from?: number
  readonly to?: number
  readonly below?: number
}

/** A rule over one percentage. What was not measured is unknown, never false (J10). */
export function percentRule(
  probe: string,
  words: string,
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
    return {
      matched: within(percent, range),
      measured: percent,
      unit: '%',
      threshold,
      because: `${words} ${show(percent, threshold)} %, rule ${inWords(range)}`,
    }
  }
}

function within(percent: number, { above, from, to, below }: Range): boolean {
  return (
    (above === undefined || percent > above) &&
    (from === undefined || percent >= from) &&
    (to === undefined || percent <= to) &&
    (below === undefined || percent < below)
  )
}

function inWords({ above, from, to, below }: Range): string {
  if (above !== undefined) return `above ${above} %`
  return to === undefined ? `from ${from} % to below ${below} %` : `from ${from} % to ${to} %`
}

/** One decimal, unless that would show a limit which the exact value does not reach. */
function show(percent: number, threshold: number): string {
  const digits = [1, 2, 3].find((n) => Number(percent.toFixed(n)) !== threshold)
  return percent === threshold || digits === undefined ? String(percent) : percent.toFixed(digits)
}

function notMeasured(measurement: Measurement | undefined): Seen {
  const because = measurement ? `not known: ${measurement.summary}` : 'not known: not configured'
  return { matched: 'unknown', measured: null, unit: '%', threshold: null, because }
}

export const activeUsersDown = percentRule(
  'active-users-near-baseline',
  'fewer active users by',
  ({ activeUsersDownPercent }) => ({ above: activeUsersDownPercent }),
)

type Health = {
  readonly all: readonly Measurement[]
  readonly passing: readonly Measurement[]
  readonly failing: readonly Measurement[]
  /** Seen to fail, as against not reached. */
  readonly seenFailing: readonly Measurement[]
}

function healthOf(measurements: readonly Measurement[]): Health {
  const all = measurements.filter(({ probe }) => probe === 'health-passing')
  return {
    all,
    passing: all.filter(({ verdict }) => verdict === 'healthy'),
    failing: all.filter(({ verdict }) => verdict !== 'healthy'),
    seenFailing: all.filter(({ verdict }) => verdict === 'degraded'),
  }
}

/**
 * Every health probe fails. Where none of them could even be reached, the fault may be between us
 * and them: then it takes Prometheus, which stands elsewhere, to say that every target is down.
 */
export function completeOutage({ measurements }: Observed): Seen {
  const { all, passing, failing, seenFailing } = healthOf(measurements)
  const counted = { measured: failing.length, unit: 'failing', threshold: all.length }
  const because = describe(failing)
  if (all.length === 0)
    return { ...counted, matched: 'unknown', because: 'not known: no health probe' }
  if (passing.length > 0) {
    const words = `${passing.length} of ${all.length} health probes pass`
    return { ...counted, matched: false, because: words }
  }
  if (seenFailing.length > 0) {
    return { ...counted, matched: true, because: `all health probes fail: ${because}` }
  }
  const targets = measurements.find(({ probe }) => probe === 'targets-up')
  if (targets?.class === 'value' && targets.value === 0) {
    const words = `no service answers us, and Prometheus sees every target down: ${because}`
    return { ...counted, matched: true, because: words }
  }
  const words = `not known: no service could be reached from here, and nothing else confirms an outage: ${because}`
  return { ...counted, matched: 'unknown', because: words }
}

/** Some, not all. */
export function partialOutage({ measurements }: Observed): Seen {
  const { all, passing, failing } = healthOf(measurements)
  const counted = { measured: failing.length, unit: 'failing', threshold: 1 }
  if (all.length === 0)
    return { ...counted, matched: 'unknown', because: 'not known: no health probe' }
  if (failing.length === 0) {
    return { ...counted, matched: false, because: `all ${all.length} health probes pass` }
  }
  if (passing.length === 0) return { ...counted, matched: false, because: 'none passes' }
  return { ...counted, matched: true, because: `health probes fail: ${describe(failing)}` }
}

/** Reported, or the cache itself is in trouble while every service is well. */
export function cacheTrouble({ measurements, symptoms }: Observed): Seen {
  const plain = { measured: null, unit: null, threshold: null }
  if (symptoms.includes('cache-issue')) {
    return { ...plain, matched: true, because: 'reported: the cache serves wrong data' }
  }
  const cache = measurements.find(({ probe }) => probe === 'cache-answering')
  if (!cache) return { ...plain, matched: false, because: 'not reported, and no cache configured' }
  if (cache.verdict === 'healthy') {
    return { ...plain, matched: false, because: `not reported, and Redis ${cache.summary}` }
  }
  const { all, passing } = healthOf(measurements)
  const servicesWell = all.length > 0 && passing.length === all.length
  return servicesWell
    ? { ...plain, matched: true, because: `Redis: ${cache.summary}; the services are healthy` }
    : {
        ...plain,
        matched: false,
        because: `Redis: ${cache.summary}, but the services are not healthy either`,
      }
}

function describe(failing: readonly Measurement[]): string {
  return failing.map(({ target, summary }) => `${target} ${summary}`).join(', ')
}
