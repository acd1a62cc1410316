import type { ServicePart } from '../domain/assessment/detail.ts'
import type { MatrixSettings } from '../domain/assessment/settings.ts'
import type { Observed, Seen } from './observed.ts'

/**
 * A rule over a number that was held against what is usual, of all or of one service: its measurement has the words.
 */
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
    const isWorse = (value: number) => ('from' in limit ? value >= threshold : value > threshold)
    const { value, summary, detail } = measurement
    const worst = isWorse(value) ? null : worstOf(detail?.services ?? [])
    const one = worst && isWorse(worst.percent) ? worst : null
    const words = one ? `${one.service}: ${one.says}` : summary
    const because = `${words}, rule ${limitInWords(threshold)}`
    const measured = one?.percent ?? value
    const of = one ? { service: one.service } : {}
    return { matched: isWorse(measured), measured, unit: '%', threshold, because, ...of }
  }
}

type OfOne = { readonly service: string; readonly percent: number; readonly says: string }

function worstOf(services: readonly ServicePart[]): OfOne | null {
  const known = services.flatMap(({ service, percent, says = '' }): readonly OfOne[] =>
    percent === null ? [] : [{ service, percent, says }],
  )
  return known.toSorted((a, b) => b.percent - a.percent)[0] ?? null
}
