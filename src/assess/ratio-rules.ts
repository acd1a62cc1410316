import type { Baseline, Detail, Interval, RatioWindow } from '../domain/assessment/detail.ts'
import type { Measurement } from '../domain/assessment/measurement.ts'
import type { MatrixSettings } from '../domain/assessment/settings.ts'
import { notMeasured, percentInWords, share } from './conditions.ts'
import type { Observed, Seen } from './observed.ts'
import { areAlike } from './counted-ratio.ts'
import { isOver } from './over-since.ts'
import { ofSoMany, OWN_EVENTS } from './say-ratio.ts'

/** The whole, or one service of it. */
type Part = {
  /** `null`: all of them. */
  readonly service: string | null
  readonly percent: number
  /** `null`: not known. */
  readonly counts: Detail['counts'] | null
  readonly interval: Interval | null
  readonly windows: readonly RatioWindow[]
}

/**
 * How a part stands to a limit. `between`: above it as it was counted, and by so few events, or so many lost
 * ones, that it may be below. `over`: it was above, and is not any more.
 */
type Standing = 'above' | 'between' | 'over' | 'below'

export type RatioRule = {
  readonly probe: string
  readonly name: string
  limitOf(settings: MatrixSettings, usual: Usual): number
}

/** What is usual here, in percent; `null`: not known. `always`: on several days, as well as it is known. */
export type Usual = { readonly percent: number | null; readonly always: boolean }

/** A rule that calls for a rollback: it holds where the ratio of all, or of one service, is surely above its limit. */
export function ratioAbove(rule: RatioRule) {
  return ({ measurements, settings }: Observed): Seen => {
    const measurement = measurements.find(({ probe }) => probe === rule.probe)
    const limit = rule.limitOf(settings, usualOf(measurement))
    if (!measurement || typeof measurement.value !== 'number') {
      return { ...notMeasured(measurement), threshold: limit }
    }
    const parts = partsOf(measurement)
    const [all] = parts
    const standing = (one: Part) => standingOf(one, limit)
    const by = (wanted: Standing) => worst(parts.filter((one) => standing(one) === wanted))
    const [above, between, over] = [by('above'), by('between'), by('over')]
    const said = (one: Part, matched: Seen['matched'], also = '') =>
      seen(rule, { part: one, matched, limit }, also)
    if (above) return said(above, true)
    if (between) return said(between, 'unknown', uncertainty(between))
    const missing = measurement.detail?.coverage?.missing ?? []
    if (missing.length > 0) {
      return said(all, 'unknown', `, and nothing is counted of ${missing.join(', ')}`)
    }
    if (over) return said(over, false, `, ${overInWords(over, measurement.detail)}`)
    return said(worst(parts) ?? all, false)
  }
}

/** A rule that calls for a person: from one limit to the next, for all or for one service. */
export function ratioFrom(rule: RatioRule, toOf: RatioRule['limitOf']) {
  return ({ measurements, settings }: Observed): Seen => {
    const measurement = measurements.find(({ probe }) => probe === rule.probe)
    const usual = usualOf(measurement)
    const [from, to] = [rule.limitOf(settings, usual), toOf(settings, usual)]
    if (!measurement || typeof measurement.value !== 'number') {
      return { ...notMeasured(measurement), threshold: from }
    }
    const parts = partsOf(measurement)
    const within = parts.filter((part) => {
      const isWithin = part.percent >= from && part.percent <= to
      return isWithin ? hasEnough(part) : standingOf(part, to) === 'over'
    })
    const matched = worst(within)
    const missing = measurement.detail?.coverage?.missing ?? []
    const part = matched ?? worst(parts) ?? parts[0]
    const also = matched ? alsoSaid(matched, { from, to }, measurement.detail) : ''
    const matches = matched ? true : missing.length > 0 ? 'unknown' : false
    return seen(rule, { part, matched: matches, limit: from, to }, also)
  }
}

function usualOf(measurement: Measurement | undefined): Usual {
  const { baseline, baselines = [] } = measurement?.detail ?? {}
  if (!baseline) return { percent: null, always: false }
  const of = (one: Baseline) => one.of === baseline.of
  const always = baselines.some((one) => !of(one) && areAlike(one, baseline))
  return { percent: baseline.value, always }
}

function partsOf({ value, detail }: Measurement): readonly [Part, ...Part[]] {
  const whole: Part = {
    service: null,
    percent: Number(value),
    counts: detail?.counts ?? null,
    interval: detail?.interval ?? null,
    windows: detail?.windows ?? [],
  }
  const told = detail?.services ?? []
  const covered = detail?.coverage?.seen
  // Where none of their names is a configured one, any of them may be.
  const own =
    told.length > 1 ? told.filter(({ service }) => covered?.includes(service) ?? true) : []
  return [
    whole,
    ...own.flatMap((one) => (one.percent === null ? [] : [{ ...one, percent: one.percent }])),
  ]
}

function standingOf(part: Part, limit: number): Standing {
  if (possible(part) <= limit) return 'below'
  // Of what restarts go on to lose, a short window shows no more than a long one.
  if (part.interval?.because !== 'restarts' && isOver(shortOf(part), limit)) return 'over'
  if (part.interval ? part.interval.low > limit : part.percent > limit) {
    return hasEnough(part) ? 'above' : 'between'
  }
  return 'between'
}

/** What it may be at most, by what is known to be missing. */
function possible({ percent, interval }: Part): number {
  return interval?.because === 'restarts' ? interval.high : percent
}

/** The long window is beside the one that rules are about. */
function shortOf({ windows }: Part): readonly RatioWindow[] {
  return windows.filter(({ seconds }) => seconds < 3_600)
}

function hasEnough({ counts, service }: Part): boolean {
  return service === null || !counts || counts.whole >= OWN_EVENTS
}

/** Two services with the same trouble differ by this much by chance. */
const ABOUT_AS_BAD = 0.98

function worst(parts: readonly Part[]): Part | null {
  const [first] = parts.toSorted((a, b) => possible(b) - possible(a))
  if (!first) return null
  // Of all of them, where that is about as bad as the worst of them: it is no matter of one service then.
  const whole = parts.find(({ service }) => service === null)
  return whole && possible(whole) >= ABOUT_AS_BAD * possible(first) ? whole : first
}

function seen(
  rule: RatioRule,
  found: {
    readonly part: Part
    readonly matched: Seen['matched']
    readonly limit: number
    readonly to?: number
  },
  also: string,
): Seen {
  const { part, matched, limit, to } = found
  const quantity = share(part.service === null ? rule.name : `${part.service}: ${rule.name}`)
  const isFew = part.interval !== null || part.service !== null
  const counts = part.counts && isFew ? ` (${ofSoMany(part.counts)})` : ''
  const range = to === undefined ? { above: limit } : { from: limit, to }
  const words = percentInWords(part.percent, range, quantity, counts + also)
  return {
    matched,
    measured: part.percent,
    unit: '%',
    threshold: limit,
    because: matched === 'unknown' ? `not known: ${words}` : words,
    ...(part.service === null ? {} : { service: part.service }),
  }
}

function uncertainty({ interval }: Part): string {
  if (!interval) return ''
  const between = `between ${interval.low.toFixed(1)} and ${interval.high.toFixed(1)} %`
  const why = interval.because === 'few' ? 'so few events' : 'counts lost in restarts'
  return `, ${between} with ${why}`
}

/** What the short window says, where that is why it is this rule and no other. */
function alsoSaid(
  part: Part,
  { from, to }: { readonly from: number; readonly to: number },
  detail: Detail | undefined,
): string {
  if (isOver(shortOf(part), from)) return `, ${overInWords(part, detail)}`
  return part.percent > to ? `, only ${lately(part)}` : ''
}

function lately(part: Part): string {
  const short = shortOf(part).at(-1)
  return `${short?.percent?.toFixed(1) ?? '0.0'} % in the last ${short?.seconds ?? 60} s`
}

function overInWords(part: Part, detail: Detail | undefined): string {
  const since = detail?.overSince ? `over since ${detail.overSince.slice(11, 16)} UTC` : 'over now'
  return `${since} (${lately(part)})`
}
