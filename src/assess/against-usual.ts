import type { MatrixSettings } from '../domain/assessment/settings.ts'
import type { Observed, Seen } from './observed.ts'

/** A rule over a number that was held against what is usual: its measurement has the words. */
export function againstUsual(
  probe: string,
  limitOf: (settings: MatrixSettings) => { readonly from: number } | { readonly above: number },
  limitInWords: (limit: number) => string,
) {
  return ({ measurements, settings }: Observed): Seen => {
    const limit = limitOf(settings)
    const threshold = 'from' in limit ? limit.from : limit.above
    const measurement = measurements.find((one) => one.probe === probe)
    if (measurement?.class !== 'value' || typeof measurement.value !== 'number') {
      const because = `not known: ${measurement?.summary ?? 'not configured'}`
      return { matched: 'unknown', measured: null, unit: '%', threshold, because }
    }
    const { value, summary } = measurement
    const matched = 'from' in limit ? value >= threshold : value > threshold
    const because = `${summary}, rule ${limitInWords(threshold)}`
    return { matched, measured: value, unit: '%', threshold, because }
  }
}
