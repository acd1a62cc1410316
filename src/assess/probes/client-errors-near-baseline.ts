import { eachService, refusingMore, withParts } from '../each-service.ts'
import { notANumber } from '../metric-answer.ts'
import { found, inconclusive, type Probe } from '../probe.ts'
import { percentOf, round } from '../ratio.ts'
import { earlier, usual, valueAt } from '../usual.ts'

/** The value is by how many points the share of 4xx is above what is usual; all of it where that is not known. */
export const clientErrorsNearBaseline: Probe = {
  id: 'client-errors-near-baseline',
  asks: 'Prometheus',
  needsFreshMetrics: true,
  questions(asked, { metrics }) {
    const { metrics: settings, matrix } = asked
    if (!metrics) return []
    const { clientErrors, traffic, minimumRequestsPerSecond: minimum } = settings
    return [
      {
        target: 'all services',
        unit: '%',
        query: `${clientErrors} / ${traffic} against an hour ago, yesterday and last week`,
        async ask({ signal, world: { clock } }) {
          const shareAt = async (atMs: number) => {
            const [part, whole] = await Promise.all([
              valueAt(metrics, clientErrors, { atMs, signal }),
              valueAt(metrics, traffic, { atMs, signal }),
            ])
            return part === null || whole === null || whole < minimum
              ? null
              : percentOf(part / whole)
          }
          const [part, whole, before, all] = await Promise.all([
            metrics.instant(clientErrors, { signal }),
            metrics.instant(traffic, { signal }),
            earlier(shareAt, clock.now()),
            eachService(metrics, asked, signal),
          ])
          if (whole.kind !== 'value') return notANumber('requests per second', whole)
          if (whole.value < minimum) {
            return inconclusive(
              'no-traffic',
              `only ${round(whole.value, 2)} requests/s: below ${minimum}/s a ratio says nothing`,
            )
          }
          if (part.kind !== 'value') return notANumber('4xx', part)
          const share = percentOf(part.value / whole.value)
          const base = usual(before, 'more')
          const more = round(share - (base?.value ?? 0), 6)
          const against = base
            ? `${round(base.value, 1)} % ${base.when}`
            : 'nothing: what is usual is not known'
          return withParts(
            found(
              more,
              more >= matrix.clientErrorsUpPoints ? 'degraded' : 'healthy',
              `4xx ${round(share, 1)} % of requests, against ${against}`,
            ),
            refusingMore(all, minimum),
            ({ percent }) => (percent ?? 0) >= matrix.clientErrorsUpPoints,
          )
        },
      },
    ]
  },
}
