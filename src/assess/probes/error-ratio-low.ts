import { countedRatio } from '../counted-ratio.ts'
import type { Probe } from '../probe.ts'

export const errorRatioLow: Probe = {
  id: 'error-ratio-low',
  asks: 'Prometheus',
  needsFreshMetrics: true,
  questions({ metrics: settings, matrix, services }, { metrics, clock }) {
    if (!metrics) return []
    const { errors, traffic } = settings
    return [
      {
        target: 'all services',
        unit: '%',
        query: `${errors} / ${traffic}`,
        ask: ({ signal }) =>
          countedRatio(
            metrics,
            {
              name: '5xx',
              verb: 'ended in 5xx',
              part: errors,
              whole: traffic,
              wholeName: 'requests',
              minimumPerSecond: settings.minimumRequestsPerSecond,
              degradedFromPercent: matrix.errorsElevatedPercent,
              abnormalAbovePercent: matrix.errorsElevatedPercent,
              by: settings.serviceLabel,
              match: settings.match ?? '',
              services: settings.countedServices ?? services.map(({ name }) => name),
              staleAfterSeconds: settings.staleAfterSeconds,
            },
            { signal, nowMs: clock.now() },
          ),
      },
    ]
  },
}
