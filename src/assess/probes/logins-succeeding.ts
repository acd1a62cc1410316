import { askingBeforeDeploy } from '../before-deploy.ts'
import { countedRatio } from '../counted-ratio.ts'
import type { Probe } from '../probe.ts'

export const loginsSucceeding: Probe = {
  id: 'logins-succeeding',
  asks: 'Prometheus',
  needsFreshMetrics: true,
  questions({ metrics: settings, matrix, deployed }, { metrics, clock, workloads }) {
    if (!metrics) return []
    const { loginFailures, logins } = settings
    return [
      {
        target: 'all services',
        unit: '%',
        query: `${loginFailures} / ${logins}`,
        ask: ({ signal }) =>
          countedRatio(
            metrics,
            {
              name: 'failed logins',
              verb: 'failed',
              part: loginFailures,
              whole: logins,
              wholeName: 'logins',
              minimumPerSecond: settings.minimumLoginsPerSecond,
              degradedFromPercent: matrix.loginFailuresElevatedPercent,
              abnormalAbovePercent: matrix.loginFailuresCriticalPercent,
              by: settings.serviceLabel,
              match: settings.match ?? '',
              // People log in at one service: at the others there is nothing to count.
              services: [],
              staleAfterSeconds: settings.staleAfterSeconds,
              ...askingBeforeDeploy(workloads, deployed?.services ?? [], signal),
            },
            { signal, nowMs: clock.now() },
          ),
      },
    ]
  },
}
