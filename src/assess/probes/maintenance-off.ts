import type { ServicePart } from '../../domain/assessment/detail.ts'
import { wilson } from '../../domain/assessment/wilson.ts'
import { countQuery } from '../../promql/count.ts'
import { ratioCounts } from '../../promql/derived.ts'
import { freshIn } from '../each-service.ts'
import { partsIn } from '../parts.ts'
import { isOn } from '../../domain/workload/maintenance.ts'
import type { AssessSettings, MetricsSettings } from '../../domain/assessment/settings.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { found, type Probe } from '../probe.ts'
import { percentOf } from '../ratio.ts'

/** The value is `on` or `off`. While it is on, services answer 503 because they were asked to. */
export const maintenanceOff: Probe = {
  id: 'maintenance-off',
  asks: 'Redis',
  needsFreshMetrics: false,
  questions(asked, { cache, metrics }) {
    const { maintenanceKey } = asked
    if (!cache || maintenanceKey === undefined) return []
    return [
      {
        target: 'Redis',
        unit: 'on or off',
        query: `GET ${maintenanceKey}`,
        async ask({ signal }) {
          if (!isOn(await cache.readText(maintenanceKey, signal))) {
            return found('off', 'healthy', 'is off')
          }
          const [otherErrorsPercent, own] = await Promise.all([
            otherErrors(metrics, asked.metrics, signal),
            otherErrorsOfEach(metrics, asked, signal),
          ])
          const finding = found('on', 'degraded', 'is on: people are kept out, and 503 is expected')
          return {
            ...finding,
            otherErrorsPercent,
            ...(own.length > 0 ? { detail: { services: own } } : {}),
          }
        },
      },
    ]
  },
}

/** The share of 5xx that maintenance does not explain; `null`: it is not known. */
async function otherErrors(
  metrics: Metrics | null,
  { errors, unavailable, traffic, minimumRequestsPerSecond }: MetricsSettings,
  signal: AbortSignal,
): Promise<number | null> {
  if (!metrics) return null
  const [all, expected, whole] = await Promise.all(
    [errors, unavailable, traffic].map((query) => metrics.instant(query, { signal })),
  )
  if (all?.kind !== 'value' || expected?.kind !== 'value' || whole?.kind !== 'value') return null
  if (whole.value < minimumRequestsPerSecond) return null
  return percentOf(Math.max(0, all.value - expected.value) / whole.value)
}

/** The same of each service that is told apart. None, where that is not known. */
async function otherErrorsOfEach(
  metrics: Metrics | null,
  asked: Pick<AssessSettings, 'metrics' | 'services'>,
  signal: AbortSignal,
): Promise<ServicePart[]> {
  const { errors, unavailable, traffic, serviceLabel: by, match } = asked.metrics
  const counted = ratioCounts(
    { part: errors, whole: traffic, beside: unavailable },
    { by, match: match ?? '' },
  )
  if (!metrics || counted?.beside === undefined) return []
  const answer = await metrics.labelled(countQuery(counted), { signal }).catch(() => null)
  if (answer?.kind !== 'series') return []
  const parts = partsIn(answer.series)
  const of = (name: string, service: string) => parts.of(name, by).get(service) ?? 0
  return freshIn(parts, asked).map(({ service, ageSeconds }) => {
    const whole = of(`whole ${counted.windowSeconds}`, service)
    const failed = of(`part ${counted.windowSeconds}`, service)
    const part = Math.max(0, failed - of('beside', service))
    const percent = whole > 0 ? percentOf(part / whole) : null
    const interval = { ...wilson(part, whole), because: 'few' } as const
    return { service, counts: { part, whole }, percent, interval, windows: [], ageSeconds }
  })
}
