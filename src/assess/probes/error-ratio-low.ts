import type { MatrixSettings, MetricsSettings } from '../../domain/assessment/settings.ts'
import { askingBeforeDeploy } from '../before-deploy.ts'
import { countedRatio } from '../counted-ratio.ts'
import type { Probe } from '../probe.ts'
import { ratioOf, type Ratio } from '../ratio.ts'

export const errorRatioLow: Probe = {
  id: 'error-ratio-low',
  asks: 'Prometheus',
  needsFreshMetrics: true,
  questions({ metrics: settings, matrix, services, deployed }, { metrics, clock, workloads }) {
    if (!metrics) return []
    const ratio = ratioIn(settings, matrix)
    return [
      {
        target: 'all services',
        unit: '%',
        query: `${ratio.part} / ${ratio.whole}`,
        ask: ({ signal }) =>
          countedRatio(
            metrics,
            {
              ...ratio,
              beside: settings.clientErrors,
              abnormalAbovePercent: matrix.errorsElevatedPercent,
              by: settings.serviceLabel,
              match: settings.match ?? '',
              services: settings.countedServices ?? services.map(({ name }) => name),
              staleAfterSeconds: settings.staleAfterSeconds,
              ...askingBeforeDeploy(workloads, deployed?.services ?? [], signal),
            },
            { signal, nowMs: clock.now() },
          ),
      },
    ]
  },
}

/** As often as a watch looks, the ratio alone: what was before is known from the assessment. */
export const errorRatioWatched: Probe = {
  ...errorRatioLow,
  questions({ metrics: settings, matrix }, { metrics }) {
    if (!metrics) return []
    const ratio = ratioIn(settings, matrix)
    return [
      {
        target: 'all services',
        unit: '%',
        query: `${ratio.part} / ${ratio.whole}`,
        ask: ({ signal }) => ratioOf(metrics, ratio, signal),
      },
    ]
  },
}

function ratioIn(
  { errors, traffic, minimumRequestsPerSecond }: MetricsSettings,
  { errorsElevatedPercent }: MatrixSettings,
): Ratio {
  return {
    name: '5xx',
    verb: 'ended in 5xx',
    part: errors,
    whole: traffic,
    wholeName: 'requests',
    minimumPerSecond: minimumRequestsPerSecond,
    degradedFromPercent: errorsElevatedPercent,
  }
}
