import { notANumber } from '../metric-answer.ts'
import { found, inconclusive, type Probe } from '../probe.ts'

/**
 * The value is how many scrape targets are up. A service that is not scraped any more has no target
 * that could be down: then nothing is concluded.
 */
export const targetsUp: Probe = {
  id: 'targets-up',
  asks: 'Prometheus',
  needsFreshMetrics: true,
  questions({ metrics: settings, services }, { metrics }) {
    if (!metrics) return []
    return [
      {
        target: 'scrape targets',
        unit: 'targets',
        query: `${settings.targetsUp} of ${settings.targets}, in ${settings.jobs}`,
        async ask({ signal }) {
          const [up, all, jobs] = await Promise.all([
            metrics.instant(settings.targetsUp, { signal }),
            metrics.instant(settings.targets, { signal }),
            metrics.instant(settings.jobs, { signal }),
          ])
          if (up.kind !== 'value') return notANumber('scrape targets that are up', up)
          if (all.kind !== 'value') return notANumber('scrape targets', all)
          if (jobs.kind !== 'value') return notANumber('services that are scraped', jobs)
          const counted = `${up.value} of ${all.value} up`
          if (jobs.value < services.length) {
            const scraped = `${jobs.value} of ${services.length} services is scraped`
            return inconclusive('no-data', `only ${scraped}, with ${counted}`)
          }
          const verdict = up.value < all.value ? 'degraded' : 'healthy'
          return { ...found(up.value, verdict, counted), targets: { up: up.value, of: all.value } }
        },
      },
    ]
  },
}
