import { MetricsSettings } from '../domain/assessment/settings.ts'
import { sumOfRate } from '../promql/read-query.ts'
import { byStatus } from '../promql/status-label.ts'

const SHIPPED = MetricsSettings.parse({})

const FOLLOWING = [
  'clientErrors',
  'unavailable',
  'failedApart',
  'requestsApart',
  'failedRoutes',
] as const
type Query = (typeof FOLLOWING)[number]

/**
 * Where a team counts errors under other names, what it has left out follows: a label that is called otherwise would
 * have no series, and `or vector(0)` would read as none that fail. Where nothing follows from them, a zero is none.
 */
export function followingErrors(settings: MetricsSettings): MetricsSettings {
  if (settings.errors === SHIPPED.errors) return settings
  const own = derived(settings)
  const leftOut = FOLLOWING.filter((key) => own[key] && settings[key] === SHIPPED[key])
  return { ...settings, ...Object.fromEntries(leftOut.map((key) => [key, own[key]])) }
}

function derived({ errors, traffic }: MetricsSettings): Readonly<Partial<Record<Query, string>>> {
  const told = byStatus(errors)
  if (!told) return { clientErrors: SHIPPED.clientErrors.replace(OR_ZERO, '') }
  const { label, metric, window, failed, of } = told
  const rate = (selector: string) => `sum(rate(${selector}[${window}]))${OR_ZERO}`
  const apart = (selector: string) =>
    `sum by (instance, pod, version) (increase(${selector}[${window}]))`
  const whole = sumOfRate(traffic)
  const isKnownMetric = SHIPPED.failedRoutes.includes(`${metric}{`)
  return {
    clientErrors: rate(of('=~"4.."')),
    unavailable: rate(of('="503"')),
    ...(whole ? { failedApart: apart(failed), requestsApart: apart(whole.selector.text) } : {}),
    // Under which label another metric tells what was asked for, nothing says.
    ...(isKnownMetric
      ? { failedRoutes: `sum by (route, ${label}) (increase(${of('=~"[45].."')}[${window}]))` }
      : {}),
  }
}

const OR_ZERO = ' or vector(0)'
