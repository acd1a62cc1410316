import { isOn } from '../../domain/workload/maintenance.ts'
import type { MetricsSettings } from '../../domain/assessment/settings.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { found, type Probe } from '../probe.ts'
import { percentOf } from '../ratio.ts'

/** The value is `on` or `off`. While it is on, services answer 503 because they were asked to. */
export const maintenanceOff: Probe = {
  id: 'maintenance-off',
  asks: 'Redis',
  needsFreshMetrics: false,
  questions({ maintenanceKey, metrics: settings }, { cache, metrics }) {
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
          const otherErrorsPercent = await otherErrors(metrics, settings, signal)
          const finding = found('on', 'degraded', 'is on: people are kept out, and 503 is expected')
          return { ...finding, otherErrorsPercent }
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
