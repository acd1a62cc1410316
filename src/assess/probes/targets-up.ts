import { notANumber } from '../metric-answer.ts'
import type { AssessSettings, MetricsSettings } from '../../domain/assessment/settings.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { narrowed } from '../../promql/narrow.ts'
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
          const whole = { up: up.value, of: all.value }
          if (up.value >= all.value)
            return { ...found(up.value, 'healthy', counted), targets: whole }
          const own = await ofEach(metrics, { settings, services, signal })
          return { ...found(up.value, 'degraded', counted), targets: { ...whole, services: own } }
        },
      },
    ]
  },
}

type OfOne = { readonly service: string; readonly up: number; readonly of: number }

/** Asked only where some are down. A service whose targets have no label that names it is left out. */
async function ofEach(
  metrics: Metrics,
  {
    settings: { targetsUp: up, targets, serviceLabel },
    services,
    signal,
  }: Pick<AssessSettings, 'services'> & {
    readonly settings: MetricsSettings
    readonly signal: AbortSignal
  },
): Promise<OfOne[]> {
  const told = await Promise.all(
    services.map(async ({ name: service }): Promise<readonly OfOne[]> => {
      const ask = (query: string) =>
        metrics
          .instant(narrowed(query, `${serviceLabel}="${service}"`), { signal })
          .catch(() => null)
      const [some, all] = await Promise.all([ask(up), ask(targets)])
      const isKnown = some?.kind === 'value' && all?.kind === 'value'
      return isKnown ? [{ service, up: some.value, of: all.value }] : []
    }),
  )
  return told.flat()
}
