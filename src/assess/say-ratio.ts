import type { Detail, ServicePart } from '../domain/assessment/detail.ts'
import { inDigits } from '../domain/text/amounts.ts'
import { inWords } from '../domain/text/duration.ts'
import { found, type Finding } from './probe.ts'
import { percentOf, round, type Ratio } from './ratio.ts'

/** A service with fewer is not judged by its own. */
export const OWN_EVENTS = 10

/** What was counted, in one clause, and whether it is bad. */
export function saidOfRatio(
  ratio: Ratio & { readonly services: readonly string[] },
  detail: Detail,
): Finding {
  const { counts = { part: 0, whole: 0 }, coverage, services = [] } = detail
  const percent = percentOf(counts.part / counts.whole)
  const seconds = windowSeconds(detail)
  const perSecond = `${round(counts.whole / seconds, 2)} ${ratio.wholeName}/s`
  const bad = services.filter((one) => isOwn(one, ratio) && isBad(one, ratio))
  const isDegraded =
    percent >= ratio.degradedFromPercent ||
    bad.length > 0 ||
    (detail.interval?.because === 'restarts' && detail.interval.high >= ratio.degradedFromPercent)
  const words = [
    `${round(percent, 1)} % of ${perSecond} ${ratio.verb} (${ofSoMany(counts)})`,
    ...(services.length > 1 ? bad.map(ownWords) : []),
    ...doubts(detail),
    ...overWords(detail),
    ...(coverage && coverage.missing.length > 0
      ? [`nothing is counted of ${coverage.missing.join(', ')}`]
      : []),
    ...(detail.deployUnknown === undefined
      ? []
      : [`what it was before the deploy is not known (${detail.deployUnknown})`]),
  ].join('; ')
  const finding = found(percent, isDegraded ? 'degraded' : 'healthy', words)
  const isPart = (coverage?.missing.length ?? 0) > 0 && !isDegraded
  return { ...finding, ...(isPart ? { verdict: 'inconclusive' } : {}), detail }
}

/** The window that the ratio is of: the long one is only beside it. */
function windowSeconds({ windows = [], counts }: Detail): number {
  return windows.find(({ whole }) => whole === counts?.whole)?.seconds ?? 300
}

export function ofSoMany({
  part,
  whole,
}: {
  readonly part: number
  readonly whole: number
}): string {
  return `${inDigits(Math.round(part))} of ${inDigits(Math.round(whole))}`
}

function isOwn({ service }: ServicePart, { services }: { readonly services: readonly string[] }) {
  return services.length === 0 || services.includes(service)
}

function isBad({ counts, percent }: ServicePart, { degradedFromPercent }: Ratio): boolean {
  return counts.whole >= OWN_EVENTS && percent !== null && percent >= degradedFromPercent
}

function ownWords({ service, percent, counts }: ServicePart): string {
  return `${service} ${round(percent ?? 0, 1)} % (${ofSoMany(counts)})`
}

function doubts({ interval, restarts = 0 }: Detail): readonly string[] {
  if (!interval) return []
  const between = `between ${round(interval.low, 1)} and ${round(interval.high, 1)} %`
  if (interval.because === 'few') return [`few events: ${between}`]
  const instances = restarts === 1 ? 'a restart' : `${restarts} restarts`
  return [`counts lost in ${instances}: ${between}`]
}

function overWords({ overSince, windows }: Detail): readonly string[] {
  if (overSince === undefined) return []
  const short = windows?.at(-1)
  const now = short
    ? `${round(short.percent ?? 0, 1)} % in the last ${inWords(short.seconds * 1_000)}`
    : ''
  const since = overSince === null ? 'over' : `over since ${overSince.slice(11, 16)} UTC`
  return [`${since}: ${now}`]
}
