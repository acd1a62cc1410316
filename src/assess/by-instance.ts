import { z } from 'zod'
import type { MetricsSettings } from '../domain/assessment/settings.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import { ownVersion } from '../domain/workload/versions.ts'
import type { Workload } from '../domain/workload/workload.ts'
import type { Metrics } from '../ports/metrics.ts'
import { worstRouteQueries } from '../promql/worst-route.ts'

/** How many requests one of something answered within the window, and how many of them failed. */
export type Answered = { readonly name: string; readonly failed: number; readonly requests: number }

export type Apart = {
  readonly instances: readonly Answered[]
  /** By the version that answered, where the metrics tell it, or the names of pods do. */
  readonly versions: readonly Answered[]
  /** What all of them answered together. */
  readonly all: Omit<Answered, 'name'>
  /** The route on which most of them failed; `null`: none did, or routes are not told apart. */
  readonly worstRoute: Answered | null
}

const Vector = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])).optional(),
      }),
    ),
  }),
})

type Counted = { readonly labels: Readonly<Record<string, string>>; readonly value: number }

const NOTHING: Apart = {
  instances: [],
  versions: [],
  all: { failed: 0, requests: 0 },
  worstRoute: null,
}

/** Who of all answered how, over the same minutes. Never throws: what is not told is left out (J10). */
export async function readApart(
  metrics: Metrics | null,
  settings: MetricsSettings,
  list: () => Promise<readonly Workload[]>,
  { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
): Promise<Apart> {
  if (!metrics) return NOTHING
  const { failedApart, requestsApart, versionLabel } = settings
  const routes = worstRouteQueries(settings)
  const ask = async (query: string): Promise<readonly Counted[]> => {
    const over = { fromMs: nowMs, toMs: nowMs, stepSeconds: 60, signal }
    return countedIn(await untilAborted(metrics.range(query, over), signal))
  }
  try {
    const [failed, requests, running, routeFailed, routeAsked] = await Promise.all([
      ask(failedApart),
      ask(requestsApart),
      list().catch(() => []),
      routes ? ask(routes.failed).catch(() => []) : [],
      routes ? ask(routes.requests).catch(() => []) : [],
    ])
    const versionOf = (labels: Counted['labels']) =>
      labels[versionLabel] || versionOfPod(labels['pod'] ?? '', running)
    return {
      instances: together(failed, requests, ({ instance, pod }) => pod || instance),
      versions: together(failed, requests, versionOf),
      all: { failed: sumOf(failed), requests: sumOf(requests) },
      worstRoute:
        together(routeFailed, routeAsked, (labels) => labels[routes?.label ?? ''])[0] ?? null,
    }
  } catch {
    return NOTHING
  }
}

function countedIn(json: string): readonly Counted[] {
  const { result } = Vector.parse(JSON.parse(json)).data
  return result.flatMap(({ metric, values = [] }) => {
    const value = Number(values.at(-1)?.[1] ?? Number.NaN)
    return Number.isFinite(value) ? [{ labels: metric, value }] : []
  })
}

function sumOf(counted: readonly Counted[]): number {
  return Math.round(counted.reduce((sum, { value }) => sum + value, 0))
}

/** A pod is named after the template that it is of: `backend-7f9c6d5b8-x2x4z`. */
function versionOfPod(pod: string, running: readonly Workload[]): string | undefined {
  const template = /-([a-z0-9]+)-[a-z0-9]{5}$/.exec(pod)?.[1]
  if (template === undefined) return undefined
  const revisions = running.flatMap(({ current, previous }) => [
    ...(current ? [current] : []),
    ...previous,
  ])
  const own = revisions.find(({ templateHash }) => templateHash === template)
  return own && ownVersion(own)
}

function together(
  failed: readonly Counted[],
  requests: readonly Counted[],
  nameOf: (labels: Counted['labels']) => string | undefined,
): readonly Answered[] {
  const found = new Map<string, { failed: number; requests: number }>()
  const add = (counted: readonly Counted[], what: 'failed' | 'requests') => {
    for (const { labels, value } of counted) {
      const name = nameOf(labels)
      if (!name) continue
      const before = found.get(name) ?? { failed: 0, requests: 0 }
      found.set(name, { ...before, [what]: before[what] + value })
    }
  }
  add(failed, 'failed')
  add(requests, 'requests')
  return [...found]
    .map(([name, { failed: some, requests: all }]) => {
      const whole = Math.round(all)
      return { name, failed: Math.min(Math.round(some), whole), requests: whole }
    })
    .filter((one) => one.requests > 0)
    .toSorted((a, b) => b.requests - a.requests)
}
