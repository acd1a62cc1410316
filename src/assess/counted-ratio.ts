import type { Baseline, Detail } from '../domain/assessment/detail.ts'
import { inWords } from '../domain/text/duration.ts'
import {
  countHistoryQuery,
  countsThen,
  countQuery,
  instanceQuery,
  LONG_SECONDS,
  type Counted,
} from '../promql/count.ts'
import { ratioCounts } from '../promql/derived.ts'
import type { LabelledAnswer, Metrics } from '../ports/metrics.ts'
import type { BeforeDeploy } from './before-deploy.ts'
import { ratioBaselines, serviceViews, wholeOf, type CountView } from './count-views.ts'
import { notANumber, tooOld } from './metric-answer.ts'
import { overSince } from './over-since.ts'
import { partsIn, type Parts } from './parts.ts'
import { inconclusive, type Finding } from './probe.ts'
import { ratioOf, type Ratio } from './ratio.ts'
import { boundsOf, restartBounds } from './restarts.ts'
import { saidOfRatio } from './say-ratio.ts'

export type RatioAsked = Ratio & {
  /** What others ask of the same requests, in the same question; left out: nothing. */
  readonly beside?: string
  readonly by: string
  readonly match: string
  /** Those whose numbers have to be there; empty: whichever is counted. */
  readonly services: readonly string[]
  readonly staleAfterSeconds: number
  /** Above it a baseline is itself an incident. */
  readonly abnormalAbovePercent: number
} & BeforeDeploy

/**
 * The ratio with what stands behind it: per service as well as over all, how many events it was formed of, how
 * old they are, and what it was before. Where the queries are not of the shipped kind, the ratio alone.
 */
export async function countedRatio(
  metrics: Metrics,
  asked: RatioAsked,
  { signal, nowMs }: { readonly signal: AbortSignal; readonly nowMs: number },
): Promise<Finding> {
  const counted = ratioCounts(asked, asked)
  const plain = ratioOf(metrics, asked, signal)
  if (!counted) return plain
  const ask = (query: string) => metrics.labelled(query, { signal })
  const [alone, now, history, deploy] = await Promise.all([
    plain,
    ask(countQuery(counted)),
    ask(countHistoryQuery(counted)),
    asked.beforeDeploy((atMs) => metrics.labelled(countsThen(counted), { atMs, signal })),
  ])
  if (now.kind === 'partial') return notANumber(asked.wholeName, now)
  // What gives no single number is no ratio, whatever its parts are.
  const isOne = alone.class === 'value' || alone.class === 'no-traffic'
  if (now.kind === 'unusable' || !isOne) return alone
  const parts = partsOf(history)
  const views = serviceViews(partsIn(now.series), parts, counted)
  if (views.length === 0) return alone
  const bounded = await withRestarts(metrics, counted, views, signal)
  const before = [parts, deploy.answer && partsOf(deploy.answer)].filter((one) => one !== null)
  const finding = judged(asked, counted, bounded, { before, deployUnknown: deploy.unknown })
  if (finding.class !== 'value' || !finding.detail) return finding
  const since = await overSince(metrics, { counted, asked, finding, nowMs, signal })
  return since === undefined ? finding : saidOfRatio(asked, { ...finding.detail, overSince: since })
}

/** What was before, and why nothing tells it of the time before the deploy. */
type Before = { readonly before: readonly Parts[]; readonly deployUnknown: string | null }

function partsOf(answer: LabelledAnswer) {
  return answer.kind === 'series' && answer.series.length > 0 ? partsIn(answer.series) : null
}

async function withRestarts(
  metrics: Metrics,
  counted: Counted,
  views: readonly CountView[],
  signal: AbortSignal,
): Promise<readonly CountView[]> {
  if (views.every(({ restarts }) => restarts === 0)) return views
  const answer = await metrics.labelled(instanceQuery(counted), { signal })
  const bounds = answer.kind === 'series' ? restartBounds(partsIn(answer.series), counted) : null
  return views.map((view) => {
    if (view.restarts === 0) return view
    const lost = bounds?.get(view.service) ?? UNKNOWN_LOSS * view.counts.whole
    return { ...view, lost, interval: boundsOf(view.counts, lost) }
  })
}

function judged(
  asked: RatioAsked,
  counted: Counted,
  views: readonly CountView[],
  before: Before,
): Finding {
  const { staleAfterSeconds, services } = asked
  const isFresh = ({ ageSeconds }: CountView) =>
    ageSeconds !== null && ageSeconds <= staleAfterSeconds
  const fresh = views.filter(isFresh)
  const whole = wholeOf(fresh)
  if (!whole) {
    const ages = views.flatMap(({ ageSeconds }) => ageSeconds ?? [])
    return tooOld(ages.length > 0 ? Math.min(...ages) : null, staleAfterSeconds)
  }
  const isToldApart = services.some((one) => views.some(({ service }) => service === one))
  const seen = services.filter((one) => fresh.some(({ service }) => service === one))
  const coverage = isToldApart
    ? { by: asked.by, seen, missing: services.filter((one) => !seen.includes(one)) }
    : null
  const perSecond = whole.counts.whole / counted.windowSeconds
  if (perSecond < asked.minimumPerSecond * (1 - ROUNDING)) {
    return inconclusive(
      'no-traffic',
      `only ${Math.round(whole.counts.whole)} ${asked.wholeName} in ${inWords(counted.windowSeconds * 1_000)}: below ${asked.minimumPerSecond}/s a ratio says nothing`,
    )
  }
  const detail: Detail = {
    counts: whole.counts,
    windows: [...whole.windows],
    interval: whole.interval,
    ...baselinesOf(asked, fresh, before),
    coverage,
    freshness: { ageSeconds: whole.ageSeconds },
    services: fresh.map(({ service, counts, windows, interval, ageSeconds }) => {
      const percent = counts.whole > 0 ? (100 * counts.part) / counts.whole : null
      return { service, counts, percent, interval, windows: [...windows], ageSeconds }
    }),
    restarts: whole.restarts,
  }
  return saidOfRatio(asked, detail)
}

/** That counts are lost is known, and not how many: then nearly anything may be true. */
const UNKNOWN_LOSS = 100

/** What is counted between two samples is rounded by as much. */
const ROUNDING = 0.02

function baselinesOf(
  asked: RatioAsked,
  fresh: readonly CountView[],
  { before, deployUnknown }: Before,
): Pick<Detail, 'baseline' | 'baselines' | 'deployUnknown'> {
  const services = fresh.map(({ service }) => service)
  const minimum = asked.minimumPerSecond * LONG_SECONDS
  const told = before.flatMap((parts) => {
    return ratioBaselines(parts, { by: asked.by, services, minimum })
  })
  const days = told.filter(isDay)
  const isAbnormal = ({ of, value }: (typeof told)[number]) => {
    if (value > asked.abnormalAbovePercent) return true
    // What began before the deploy is not what is usual.
    const isMore = days.some((day) => day.value < value && !isAlike(day.value, value))
    return of === 'before-deploy' && isMore && value > NOISE_PERCENT
  }
  const baselines: Baseline[] = told.map((one) => ({ ...one, abnormal: isAbnormal(one) }))
  const unknown = deployUnknown === null ? {} : { deployUnknown }
  return { baseline: usable(baselines), baselines, ...unknown }
}

/** Of so few percent twice as many are chance. */
const NOISE_PERCENT = 1

/** The latest that is as usual. Two that are alike are usual, however bad: it is always so here. */
function usable(baselines: readonly Baseline[]): Baseline | null {
  const order: readonly Baseline['of'][] = ['before-deploy', 'yesterday', 'last-week', 'hour-ago']
  const sorted = order.flatMap((of) => baselines.find((one) => one.of === of) ?? [])
  const normal = sorted.find(({ of, abnormal }) => of !== 'hour-ago' && !abnormal)
  if (normal) return normal
  return sorted.find((one) => sorted.some((other) => areAlike(one, other))) ?? null
}

function isDay({ of }: Pick<Baseline, 'of'>): boolean {
  return of === 'yesterday' || of === 'last-week'
}

/** Two of the last hours are one and the same: that both are alike says nothing. */
export function areAlike(one: Baseline, other: Baseline): boolean {
  return one !== other && (isDay(one) || isDay(other)) && isAlike(one.value, other.value)
}

/** As much the same as two days are. */
function isAlike(one: number, other: number): boolean {
  return Math.max(one, other) <= 1.5 * Math.min(one, other)
}
