import type { MetricsSettings } from '../domain/assessment/settings.ts'
import { askedTogether } from './ask-together.ts'
import { increase } from './count.ts'
import { sumByIncrease, sumOfRate } from './read-query.ts'

/** Fewer in the window may be chance. */
const FEWEST = 5

const HOUR = 3_600

type Asked = Pick<MetricsSettings, 'failedRoutes' | 'traffic' | 'match'>

/**
 * What is answered now and was not in the hour that ended so many seconds ago: the most of it, and how many there
 * are. Nothing, where nothing was counted then. `null`: the queries are not of the shipped shape.
 */
export function newRoutesQuery(
  { failedRoutes, traffic, match }: Asked,
  { endedSeconds, atMost }: { readonly endedSeconds: number; readonly atMost: number },
): { readonly query: string; readonly labels: readonly [route: string, status: string] } | null {
  const [failed, whole] = [sumByIncrease(failedRoutes), sumOfRate(traffic)?.selector.text]
  const [route, status, ...more] = failed?.by ?? []
  if (!failed || !whole || route === undefined || status === undefined || more.length > 0)
    return null
  const { text } = failed.selector
  const by = `(${route}, ${status})`
  const seconds = Math.round(failed.windowMs / 1_000)
  const now = `sum by ${by} (${increase(text, seconds, { whole, match: match ?? '' })}) >= ${FEWEST}`
  const before = `sum by ${by} (increase(${text}[${HOUR}s] offset ${endedSeconds}s)) > 0`
  const isNew = `((${now}) unless (${before}))`
  const wasCounted = `and on () count(${whole} offset ${endedSeconds + HOUR}s)`
  const query = askedTogether({
    most: `(topk(${atMost}, ${isNew}) ${wasCounted})`,
    all: `(count(${isNew}) ${wasCounted})`,
  })
  return { query, labels: [route, status] }
}
