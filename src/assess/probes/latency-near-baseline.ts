import type { AssessSettings } from '../../domain/assessment/settings.ts'
import { bucketQuery, bucketsThen, type Histogram } from '../../promql/buckets.ts'
import { histogramOf } from '../../promql/derived.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { askingBeforeDeploy, type BeforeDeploy } from '../before-deploy.ts'
import { durationsIn } from '../durations.ts'
import { judgedLatency, type LatencyAsked } from '../latency.ts'
import { withServices } from '../latency-by-service.ts'
import { notANumber } from '../metric-answer.ts'
import { nativeBounds, type Bounds } from '../native-bounds.ts'
import { partsIn, type Parts } from '../parts.ts'
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
  const { by } = histogram
  const ages = parts.of('age', by)
  const then = answer?.kind === 'series' ? partsIn(answer.series) : null
  const asked = askedOf(settings, histogram)
  const finding = judgedLatency(
    {
      now,
      before: {
        ...beforeDeployIn(then, bounds),
        ...found('hour-ago'),
        ...found('yesterday'),
        ...found('last-week'),
      },
      ageSeconds: ages.size > 0 ? Math.min(...ages.values()) : null,
      deployUnknown: unknown,
    },
    asked,
  )
  const against = finding.detail?.baseline?.of
  if (against === undefined) return finding
  const services = servicesIn(parts, settings, by).map((service) => {
    const one = { by, service }
    const early =
      against === 'before-deploy'
        ? then && durationsIn(then, 'then', bounds, one)
        : durationsIn(parts, against, bounds, one)
    const ageSeconds = ages.get(service) ?? null
    return { service, now: durationsIn(parts, 'now', bounds, one), before: early, ageSeconds }
  })
  return withServices(finding, services, asked)

  function found(of: 'hour-ago' | 'yesterday' | 'last-week') {
    const durations = parts && durationsIn(parts, of, bounds)
    return durations ? { [of]: durations } : {}
  }
}

/** Those of the settings; where none of them is told by its name, whichever there are. */
function servicesIn(
  parts: Parts,
  { metrics, services }: AssessSettings,
  by: string,
): readonly string[] {
  const series = [...parts.series('buckets now'), ...parts.series('native-count now')]
  const told = new Set(series.map(({ labels }) => labels[by] ?? ''))
  const configured = metrics.countedServices ?? services.map(({ name }) => name)
  const own = configured.filter((name) => told.has(name))
  return told.size < 2 ? [] : own.length > 0 ? own : [...told]
}

function beforeDeployIn(parts: Parts | null, bounds: readonly Bounds[]) {
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
