import type { ServicePart } from '../domain/assessment/detail.ts'
import type { MatrixSettings } from '../domain/assessment/settings.ts'
import { percentInWords, percentRule, rise } from './conditions.ts'
import type { Observed, Seen } from './observed.ts'

const PROBE = 'latency-near-baseline'

/** How much slower: above a limit, or from one to another. */
type Limits = { readonly above: number } | { readonly from: number; readonly to: number }

/** A service of which it is known how much slower it is. */
type Slower = ServicePart & { readonly percent: number }

/** A rule over p95: it holds for all services together, or for one of them that is surely so much slower. */
export function latencyRule(limitsOf: (settings: MatrixSettings) => Limits) {
  const ofAll = percentRule(PROBE, rise('p95'), limitsOf)
  return (observed: Observed): Seen => {
    const all = ofAll(observed)
    if (all.matched === true) return all
    const limits = limitsOf(observed.settings)
    const services = slowerIn(observed)
    const sure = worst(services.filter((one) => isSurely(one, limits)))
    if (sure) return seen(sure, limits, true)
    if (all.matched === 'unknown') return all
    const perhaps = worst(services.filter((one) => isPerhaps(one, limits)))
    return perhaps ? seen(perhaps, limits, 'unknown') : all
  }
}

function slowerIn({ measurements }: Observed): readonly Slower[] {
  const told = measurements.find(({ probe }) => probe === PROBE)?.detail?.services ?? []
  return told.flatMap((one) => (one.percent === null ? [] : [{ ...one, percent: one.percent }]))
}

/** What is surely above one limit, and not surely above the next, is between them. */
function isSurely({ percent, interval }: Slower, limits: Limits): boolean {
  const low = interval?.low ?? percent
  return 'above' in limits ? low > limits.above : low >= limits.from && low <= limits.to
}

/** Above it as it was measured. What calls for a person is no matter of chance. */
function isPerhaps({ percent }: Slower, limits: Limits): boolean {
  return 'above' in limits && percent > limits.above
}

function worst(services: readonly Slower[]): Slower | null {
  return services.toSorted((a, b) => b.percent - a.percent)[0] ?? null
}

function seen(one: Slower, limits: Limits, matched: true | 'unknown'): Seen {
  const { service, percent, interval, counts, says } = one
  const between =
    matched === 'unknown' && interval
      ? `, from ${interval.low.toFixed(1)} to ${interval.high.toFixed(1)} %`
      : ''
  const also = ` (${says ?? 'p95'} of ${counts.whole} requests${between})`
  const words = percentInWords(percent, limits, rise(`${service}: p95`), also)
  return {
    matched,
    measured: percent,
    unit: '%',
    threshold: 'above' in limits ? limits.above : limits.from,
    because: matched === 'unknown' ? `not known: ${words}` : words,
    service,
  }
}
