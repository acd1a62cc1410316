import type { AssessSettings } from '../../domain/assessment/settings.ts'
import { bucketQuery, bucketsThen, type Histogram } from '../../promql/buckets.ts'
import { histogramOf } from '../../promql/derived.ts'
import type { LabelledAnswer, Metrics } from '../../ports/metrics.ts'
import { askingBeforeDeploy, type BeforeDeploy } from '../before-deploy.ts'
import { durationsIn } from '../durations.ts'
import { judgedLatency, type LatencyAsked } from '../latency.ts'
import { notANumber } from '../metric-answer.ts'
import { nativeBounds, type Bounds } from '../native-bounds.ts'
import { partsIn } from '../parts.ts'
import { plainLatency } from '../plain-latency.ts'
import type { Finding, Probe } from '../probe.ts'

/**
 * p95 now against p95 before the deploy, or, where nothing tells when that was, on other days at this hour.
 * The value is how much slower it is now, in percent; a faster service is negative.
 */
export const latencyNearBaseline: Probe = {
  id: 'latency-near-baseline',
  asks: 'Prometheus',
  needsFreshMetrics: true,
  questions(settings, { metrics, workloads }) {
    if (!metrics) return []
    const { p95, p95BeforeDeploy, p95Yesterday } = settings.metrics
    return [
      {
        target: 'all services',
        unit: '%',
        query: `${p95} against ${p95BeforeDeploy} or ${p95Yesterday}`,
        ask({ signal, world: { clock } }) {
          const services = settings.deployed?.services ?? []
          const asking = askingBeforeDeploy(workloads, services, signal)
          return latencyOf(metrics, settings, { ...asking, nowMs: clock.now(), signal })
        },
      },
    ]
  },
}

export type LatencyContext = BeforeDeploy & {
  readonly nowMs: number
  readonly signal: AbortSignal
}

async function latencyOf(
  metrics: Metrics,
  settings: AssessSettings,
  context: LatencyContext,
): Promise<Finding> {
  const histogram = histogramOf(settings.metrics)
  const plain = () => plainLatency(metrics, settings, context)
  if (!histogram) return plain()
  const { signal } = context
  const before = context.beforeDeploy((atMs) =>
    metrics.labelled(bucketsThen(histogram), { atMs, signal }),
  )
  const told = await metrics.labelled(bucketQuery(histogram), { signal })
  if (told.kind === 'partial') return notANumber('p95 latency', told)
  const parts = told.kind === 'series' ? partsIn(told.series) : null
  const bounds = parts ? nativeBounds(parts) : []
  const now = parts && durationsIn(parts, 'now', bounds)
  if (!parts || !now) return plain()
  const { answer, unknown } = await before
  const ages = [...parts.of('age').values()]
  return judgedLatency(
    {
      now,
      before: {
        ...beforeDeployIn(answer, bounds),
        ...found('hour-ago'),
        ...found('yesterday'),
        ...found('last-week'),
      },
      ageSeconds: ages[0] ?? null,
      deployUnknown: unknown,
    },
    askedOf(settings, histogram),
  )

  function found(of: 'hour-ago' | 'yesterday' | 'last-week') {
    const durations = parts && durationsIn(parts, of, bounds)
    return durations ? { [of]: durations } : {}
  }
}

function beforeDeployIn(answer: LabelledAnswer | null, bounds: readonly Bounds[]) {
  const parts = answer?.kind === 'series' ? partsIn(answer.series) : null
  const durations = parts && durationsIn(parts, 'then', bounds)
  return durations ? { 'before-deploy': durations } : {}
}

function askedOf({ metrics, matrix }: AssessSettings, histogram: Histogram): LatencyAsked {
  const { quantile, windowSeconds } = histogram
  return {
    quantile,
    windowSeconds,
    // What is counted between two samples is rounded.
    minimumEvents: 0.98 * metrics.minimumRequestsPerSecond * windowSeconds,
    staleAfterSeconds: metrics.staleAfterSeconds,
    elevatedPercent: matrix.latencyElevatedPercent,
    highPercent: matrix.latencyHighPercent,
  }
}
