import { notANumber } from '../metric-answer.ts'
import { found, type Probe } from '../probe.ts'

/** The value is how many scrape targets are up. */
export const targetsUp: Probe = {
  id: 'targets-up',
  asks: 'Prometheus',
  needsFreshMetrics: true,
  questions({ metrics: settings }, { metrics }) {
    if (!metrics) return []
    return [
      {
        target: 'scrape targets',
        unit: 'targets',
        query: `${settings.targetsUp} of ${settings.targets}`,
        async ask({ signal }) {
          const [up, all] = await Promise.all([
            metrics.instant(settings.targetsUp, { signal }),
            metrics.instant(settings.targets, { signal }),
          ])
          if (up.kind !== 'value') return notANumber('scrape targets that are up', up)
          if (all.kind !== 'value') return notANumber('scrape targets', all)
          return found(
            up.value,
            up.value < all.value ? 'degraded' : 'healthy',
            `${up.value} of ${all.value} up`,
          )
        },
      },
    ]
  },
}
