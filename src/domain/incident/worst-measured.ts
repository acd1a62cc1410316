import type { Measurement } from '../assessment/measurement.ts'
import type { Incident } from './incident.ts'

export type Measured = {
  readonly at: string
  readonly measurement: Measurement
  readonly value: number
}

/**
 * The largest number that any assessment of the incident measured with this probe; `null`: none measured one.
 * What was measured and is no number counts as nothing, never as zero (J10).
 */
export function worstMeasured(
  { timeline }: Pick<Incident, 'timeline'>,
  probe: string,
): Measured | null {
  let worst: Measured | null = null
  for (const { event } of timeline) {
    if (event.type !== 'assessment-taken') continue
    const { at, measurements } = event.assessment
    for (const measurement of measurements) {
      const { value } = measurement
      if (measurement.probe !== probe || measurement.class !== 'value') continue
      if (typeof value !== 'number' || (worst !== null && worst.value >= value)) continue
      worst = { at, measurement, value }
    }
  }
  return worst
}
