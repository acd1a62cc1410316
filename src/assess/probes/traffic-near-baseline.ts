import { askedLess, eachService, withParts } from '../each-service.ts'
import { notANumber } from '../metric-answer.ts'
import { found, inconclusive, type Probe } from '../probe.ts'
import { percentOf, round } from '../ratio.ts'
import { earlier, usual, valueAt } from '../usual.ts'

/** The value is how many fewer requests come than usual, in percent; more requests is negative. */
export const trafficNearBaseline: Probe = {
  id: 'traffic-near-baseline',
  asks: 'Prometheus',
  needsFreshMetrics: true,
  questions(asked, { metrics }) {
    const { metrics: settings, matrix } = asked
    if (!metrics) return []
    const { traffic, minimumRequestsPerSecond: minimum } = settings
    return [
      {
        target: 'all services',
        unit: '%',
        query: `${traffic} against an hour ago, yesterday and last week`,
        async ask({ signal, world: { clock } }) {
          // Of hardly any requests, half is nothing.
          const enoughAt = async (atMs: number) => {
            const value = await valueAt(metrics, traffic, { atMs, signal })
            return value === null || value < minimum ? null : value
          }
          const [now, before, all] = await Promise.all([
            metrics.instant(traffic, { signal }),
            earlier(enoughAt, clock.now()),
            eachService(metrics, asked, signal),
          ])
          if (now.kind !== 'value') return notANumber('requests per second', now)
          const base = usual(before, 'less')
          const perSecond = `${round(now.value, 2)} requests/s`
          if (!base) {
            return inconclusive('no-data', `${perSecond}, and nothing to compare them with`)
          }
          const fewer = percentOf(1 - now.value / base.value)
          return withParts(
            found(
              fewer,
              fewer > matrix.trafficDownPercent ? 'degraded' : 'healthy',
              `${perSecond}, ${round(base.value, 2)} ${base.when} (${round(-fewer, 1)} %)`,
            ),
            askedLess(all),
            ({ percent }) => (percent ?? 0) > matrix.trafficDownPercent,
          )
        },
      },
    ]
  },
}
