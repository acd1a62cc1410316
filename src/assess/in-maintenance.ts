import type { Measurement } from '../domain/assessment/measurement.ts'
import { round } from './ratio.ts'
import type { Observed, Seen } from './observed.ts'

type Condition = (observed: Observed) => Seen

/** What services answer while they are repaired. */
const EXPECTED_STATUS = 503

function switchOf(measurements: readonly Measurement[]): Measurement | null {
  const found = measurements.find(({ probe }) => probe === 'maintenance-off')
  return found?.class === 'value' && found.value === 'on' ? found : null
}

/** A health page that answers as maintenance makes it answer. */
export function isExpected(one: Measurement, measurements: readonly Measurement[]): boolean {
  return one.value === EXPECTED_STATUS && switchOf(measurements) !== null
}

/** Nobody is let in: that nobody is there, or can log in, says nothing. */
export function excusedInMaintenance(condition: Condition): Condition {
  return (observed) => {
    const seen = condition(observed)
    if (!switchOf(observed.measurements) || seen.matched === false) return seen
    return {
      ...seen,
      matched: false,
      because: `maintenance is on, so it is expected: ${seen.because}`,
    }
  }
}

/** Only what maintenance does not explain counts; where that is not known, all of it does. */
export function withoutMaintenanceErrors(condition: Condition): Condition {
  return (observed) => {
    const { measurements } = observed
    const { otherErrorsPercent: percent = null, detail } = switchOf(measurements) ?? {}
    if (percent === null) return condition(observed)
    const services = detail?.services ?? []
    const others = measurements.map((one): Measurement => {
      const isRatio = one.probe === 'error-ratio-low' && one.class === 'value'
      return isRatio ? { ...bare(one), value: percent, detail: { services } } : one
    })
    const seen = condition({ ...observed, measurements: others })
    const on = 'maintenance is on, so 503 is expected'
    const words =
      seen.measured !== percent
        ? `besides it ${seen.because}`
        : `5xx besides it ${round(percent, 1)} %`
    return seen.matched === 'unknown' ? seen : { ...seen, because: `${on}; ${words}` }
  }
}

/** Said, so that nobody takes it for an outage. */
export function maintenanceOn({ measurements }: Observed): Seen {
  const plain = { measured: null, unit: null, threshold: null }
  const asked = measurements.find(({ probe }) => probe === 'maintenance-off')
  if (switchOf(measurements)) {
    const because = 'maintenance is on: people are kept out, and 503 is expected'
    return { ...plain, matched: true, because }
  }
  if (!asked) return { ...plain, matched: false, because: 'no switch is configured' }
  return asked.class === 'value'
    ? { ...plain, matched: false, because: 'maintenance is off' }
    : { ...plain, matched: 'unknown', because: `not known: ${asked.summary}` }
}

/** Without what stands behind its number: that is of all errors. */
function bare({
  probe,
  target,
  class: kind,
  verdict,
  value,
  unit,
  query,
  tookMs,
  summary,
}: Measurement) {
  return { probe, target, class: kind, verdict, value, unit, query, tookMs, summary }
}
