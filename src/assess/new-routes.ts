import type { NewRoutes } from '../domain/assessment/new-routes.ts'
import type { MetricsSettings } from '../domain/assessment/settings.ts'
import { toIso } from '../domain/base/instant.ts'
import type { Metrics } from '../ports/metrics.ts'
import { newRoutesQuery } from '../promql/new-routes.ts'
import { BEFORE_DEPLOY_MS, type BeforeDeploy } from './before-deploy.ts'
import { partsIn } from './parts.ts'

/** More would push the buttons off the first screen. */
const NAMED = 3

/**
 * Which routes and statuses of failed requests there are now, and were not in the hour before the deploy; `null`:
 * that is not known. Never throws.
 */
export async function readNewRoutes(
  metrics: Metrics | null,
  settings: MetricsSettings,
  { beforeDeploy }: BeforeDeploy,
  { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
): Promise<NewRoutes | null> {
  if (!metrics) return null
  const { answer } = await beforeDeploy(async (atMs) => {
    const endedSeconds = Math.max(0, Math.round((nowMs - atMs) / 1_000))
    const asked = newRoutesQuery(settings, { endedSeconds, atMost: NAMED })
    const found = asked && (await metrics.labelled(asked.query, { signal }))
    if (!asked || found?.kind !== 'series') return null
    const parts = partsIn(found.series)
    const [route, status] = asked.labels
    const most = parts.series('most').map(({ labels, value }) => {
      return {
        route: labels[route] ?? '',
        status: labels[status] ?? '',
        requests: Math.round(value),
      }
    })
    const all = parts.series('all')[0]?.value ?? 0
    const named = most.toSorted((a, b) => b.requests - a.requests)
    return { since: toIso(atMs + BEFORE_DEPLOY_MS), named, more: Math.max(0, all - named.length) }
  })
  return answer
}
