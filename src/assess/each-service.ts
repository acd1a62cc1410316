import type { ServicePart } from '../domain/assessment/detail.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import type { Metrics } from '../ports/metrics.ts'
import { countHistoryQuery, countQuery, LONG_SECONDS } from '../promql/count.ts'
import { ratioCounts } from '../promql/derived.ts'
import { partsIn, type Parts } from './parts.ts'
import type { Finding } from './probe.ts'
import { percentOf, round } from './ratio.ts'
import { usual } from './usual.ts'

/** What one service was asked over some seconds, and how much of it ended in 4xx. */
type Asked = { readonly requests: number; readonly clientErrors: number }

/** One service now, and at the times that it is held against; of those, where it was asked enough. */
export type OneService = Asked & {
  readonly service: string
  readonly seconds: number
  readonly ageSeconds: number
  readonly before: readonly (Asked & { readonly when: string })[]
}

const BEFORE = {
  'hour-ago': 'an hour ago',
  yesterday: 'at this hour yesterday',
  'last-week': 'at this hour last week',
} as const

/** Those of the settings that are told apart in the answer of `countQuery`, and whose numbers are fresh. */
export function freshIn(
  parts: Parts,
  { metrics: settings, services }: Pick<AssessSettings, 'metrics' | 'services'>,
): readonly { readonly service: string; readonly ageSeconds: number }[] {
  const ages = parts.of('age', settings.serviceLabel)
  return namesOf({ metrics: settings, services }).flatMap((service) => {
    const ageSeconds = ages.get(service)
    const isFresh = ageSeconds !== undefined && ageSeconds <= settings.staleAfterSeconds
    return isFresh ? [{ service, ageSeconds }] : []
  })
}

function namesOf({
  metrics,
  services,
}: Pick<AssessSettings, 'metrics' | 'services'>): readonly string[] {
  return metrics.countedServices ?? services.map(({ name }) => name)
}

/**
 * Each of several services, where they are told apart and their numbers are fresh: the same questions that the error
 * ratio asks, so that nothing more is asked. None, where nothing of the kind is known. Never throws.
 */
export async function eachService(
  metrics: Metrics,
  { metrics: settings, services }: Pick<AssessSettings, 'metrics' | 'services'>,
  signal: AbortSignal,
): Promise<readonly OneService[]> {
  const { errors, traffic, clientErrors, serviceLabel: by, match } = settings
  const counted = ratioCounts(
    { part: errors, whole: traffic, beside: clientErrors },
    { by, match: match ?? '' },
  )
  if (!counted || namesOf({ metrics: settings, services }).length < 2) return []
  const ask = (query: string) => metrics.labelled(query, { signal }).catch(() => null)
  const [now, before] = await Promise.all([
    ask(countQuery(counted)),
    ask(countHistoryQuery(counted)),
  ])
  // What is wrong with them is said by the error ratio.
  if (now?.kind !== 'series' || before?.kind !== 'series') return []
  const [told, past] = [partsIn(now.series), partsIn(before.series)]
  const { windowSeconds: seconds } = counted
  const enough = settings.minimumRequestsPerSecond * LONG_SECONDS
  return freshIn(told, { metrics: settings, services }).map(({ service, ageSeconds }) => {
    const at = (parts: Parts, whole: string, part: string): Asked => ({
      requests: parts.of(whole, by).get(service) ?? 0,
      clientErrors: parts.of(part, by).get(service) ?? 0,
    })
    const times = Object.entries(BEFORE)
      .map(([name, when]) => ({ when, ...at(past, `whole ${name}`, `beside ${name}`) }))
      .filter(({ requests }) => requests >= enough)
    const asked = at(told, `whole ${seconds}`, 'beside')
    return { service, seconds, ageSeconds, ...asked, before: times }
  })
}

/** By how many percent less each is asked than usually; `says` has the words. */
export function askedLess(all: readonly OneService[]): readonly ServicePart[] {
  return all.flatMap((one) => {
    const before = one.before.map(({ when, requests }) => {
      return { when, value: requests / LONG_SECONDS }
    })
    const base = usual(before, 'less')
    if (!base) return []
    const perSecond = one.requests / one.seconds
    const percent = percentOf(1 - perSecond / base.value)
    const than = `${round(base.value, 2)} ${base.when} (${round(-percent, 1)} %)`
    return [partOf(one, percent, `${round(perSecond, 2)} requests/s, ${than}`)]
  })
}

/** By how many points more of what each is asked ends in 4xx than usually. Of few requests nothing is said. */
export function refusingMore(
  all: readonly OneService[],
  minimumPerSecond: number,
): readonly ServicePart[] {
  return all.flatMap((one) => {
    const before = one.before.map((then) => ({ when: then.when, value: shareOf(then) }))
    const base = usual(before, 'more')
    if (!base || one.requests < minimumPerSecond * one.seconds) return []
    const share = shareOf(one)
    const words = `4xx ${round(share, 1)} % of requests, against ${round(base.value, 1)} % ${base.when}`
    return [partOf(one, round(share - base.value, 6), words)]
  })
}

function shareOf({ requests, clientErrors }: Asked): number {
  return percentOf(clientErrors / requests)
}

function partOf(one: OneService, percent: number, says: string): ServicePart {
  const { service, requests, clientErrors, ageSeconds } = one
  const counts = { part: Math.round(clientErrors), whole: Math.round(requests) }
  return { service, counts, percent, interval: null, windows: [], ageSeconds, says }
}

/** The same finding with its parts: one that is bad counts for itself, and is named. */
export function withParts(
  finding: Finding,
  services: readonly ServicePart[],
  isBad: (part: ServicePart) => boolean,
): Finding {
  const bad = services.filter(isBad)
  if (services.length === 0) return finding
  return {
    ...finding,
    ...(bad.length > 0 ? { verdict: 'degraded' } : {}),
    summary: [finding.summary, ...bad.map(({ service, says }) => `${service} ${says}`)].join('; '),
    detail: { services: [...services] },
  }
}
