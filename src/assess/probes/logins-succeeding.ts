import type { Probe } from '../probe.ts'
import { ratioOf } from '../ratio.ts'

export const loginsSucceeding: Probe = {
  id: 'logins-succeeding',
  asks: 'Prometheus',
  needsFreshMetrics: true,
  questions({ metrics: settings, matrix }, { metrics }) {
    if (!metrics) return []
    const { loginFailures, logins } = settings
    return [
      {
        target: 'all services',
        unit: '%',
        query: `${loginFailures} / ${logins}`,
        ask: ({ signal }) =>
          ratioOf(
            metrics,
            {
              name: 'failed logins',
              verb: 'failed',
              part: loginFailures,
              whole: logins,
              wholeName: 'logins',
              minimumPerSecond: settings.minimumLoginsPerSecond,
              degradedFromPercent: matrix.loginFailuresElevatedPercent,
            },
            signal,
          ),
      },
    ]
  },
}
