import type { Probe } from '../probe.ts'
import { ratioOf } from '../ratio.ts'

export const errorRatioLow: Probe = {
  id: 'error-ratio-low',
  asks: 'Prometheus',
  needsFreshMetrics: true,
  questions({ metrics: settings, matrix }, { metrics }) {
    if (!metrics) return []
    const { errors, traffic } = settings
    return [
      {
        target: 'all services',
        unit: '%',
        query: `${errors} / ${traffic}`,
        ask: ({ signal }) =>
          ratioOf(
            metrics,
            {
              name: '5xx',
              verb: 'ended in 5xx',
              part: errors,
              whole: traffic,
              wholeName: 'requests',
              minimumPerSecond: settings.minimumRequestsPerSecond,
              degradedFromPercent: matrix.errorsElevatedPercent,
            },
            signal,
          ),
      },
    ]
  },
}
