import type { AssessSettings } from '../domain/assessment/settings.ts'
import { measuredOverMs } from '../domain/assessment/query-window.ts'
import type { MetricAnswer, Metrics } from '../ports/metrics.ts'
import { ANY_RISE, inMs, signed, WHEN, type BaselineOf } from './latency.ts'
import { notANumber } from './metric-answer.ts'
import type { LatencyContext } from './probes/latency-near-baseline.ts'
import { found, inconclusive, type Finding } from './probe.ts'
import { percentOf } from './ratio.ts'

const DAY_MS = 24 * 60 * 60_000

/** Where the queries are a team's own, each is one number, and as many requests as are counted stand behind it. */
export async function plainLatency(
  metrics: Metrics,
  { metrics: settings, matrix }: AssessSettings,
  { beforeDeploy, nowMs, signal }: LatencyContext,
): Promise<Finding> {
  const at = (query: string, atMs?: number) =>
    metrics.instant(query, { signal, ...(atMs === undefined ? {} : { atMs }) })
  const [now, before, yesterday, traffic, trafficYesterday] = await Promise.all([
    at(settings.p95),
    beforeDeploy((atMs) => at(settings.p95BeforeDeploy, atMs)),
    at(settings.p95Yesterday),
    at(settings.traffic),
    at(settings.traffic, nowMs - DAY_MS),
  ])
  if (now.kind !== 'value') return notANumber('p95 latency', now)
  if (isTooLittle(traffic, settings.minimumRequestsPerSecond)) {
    const overMs = measuredOverMs(settings.traffic, settings.recordedWindowSeconds * 1_000)
    const requests = Math.round((traffic.value * overMs) / 1_000)
    const words = `only ${requests} requests: of so few a p95 says nothing`
    return inconclusive('no-traffic', words)
  }
  const enough = isTooLittle(trafficYesterday, settings.minimumRequestsPerSecond)
    ? ({ kind: 'no-data' } as const)
    : yesterday
  const baseline = usableBaseline(before.answer ?? { kind: 'no-data' }, enough)
  if (!baseline) return noBaseline(now.value, [before.answer ?? { kind: 'no-data' }, yesterday])
  const slower = percentOf(now.value / baseline.seconds - 1)
  const words = `p95 ${inMs(now.value)} ms, ${signed(slower)} % against ${inMs(baseline.seconds)} ms ${WHEN[baseline.of]}`
  if (before.unknown !== null) {
    const said = `when it was deployed is not known (${before.unknown}), so neither is what it was before; ${words}`
    return {
      ...found(slower, 'healthy', said),
      verdict: 'inconclusive',
      detail: { interval: ANY_RISE, baseline: null },
    }
  }
  const told = {
    of: baseline.of,
    value: baseline.seconds,
    unit: 's',
    events: null,
    abnormal: false,
  }
  const verdict = slower >= matrix.latencyElevatedPercent ? 'degraded' : 'healthy'
  return { ...found(slower, verdict, words), detail: { baseline: told } }
}

function isTooLittle(
  answer: MetricAnswer,
  minimum: number,
): answer is Extract<MetricAnswer, { kind: 'value' }> {
  return answer.kind === 'value' && answer.value < minimum
}

function noBaseline(p95: number, asked: readonly MetricAnswer[]): Finding {
  const partial = asked.find((answer) => answer.kind === 'partial')
  if (partial) return notANumber('p95 to compare with', partial)
  const words = `p95 is ${inMs(p95)} ms, and there is no baseline to compare it with`
  return inconclusive('no-data', words)
}

function usableBaseline(
  beforeDeploy: MetricAnswer,
  yesterday: MetricAnswer,
): { readonly seconds: number; readonly of: BaselineOf } | null {
  if (beforeDeploy.kind === 'value' && beforeDeploy.value > 0) {
    return { seconds: beforeDeploy.value, of: 'before-deploy' }
  }
  if (yesterday.kind === 'value' && yesterday.value > 0) {
    return { seconds: yesterday.value, of: 'yesterday' }
  }
  return null
}
