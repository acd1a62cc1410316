import type { Incident, OverTime, Served } from './incident.ts'

export type More = Omit<Incident, 'name' | 'right' | 'backend' | 'frontend'>

/** One line for one incident: its name, what an experienced responder would say, and what happened. */
export function row(
  name: string,
  right: Incident['right'],
  services: Pick<Incident, 'backend' | 'frontend'> = {},
  more: More = {},
): Incident {
  return { name, right, ...services, ...more }
}

/** It became so many a quarter of an hour ago, of what is usual. */
export const since = (value: number, before = 0.2, ago = 900): OverTime => [before, [ago, value]]
export const both = (served: Served) => ({ backend: served, frontend: served })
export const backend = (served: Served) => ({ backend: served })
export const frontend = (served: Served) => ({ frontend: served })
export const slower = (times: number, before = 0.06): Served => ({
  meanSeconds: since(before * times, before),
})
export const HOUR = 3_600
export const DAY = 24 * HOUR
export const monday = ['v1.9.0', 3 * DAY] as const
/** Since so many seconds, and looked at closely for long enough to see it begin. */
export const bad = (ago: number): Served => ({
  errorPercent: since(62, 0.2, ago),
  closelySeconds: ago + 1_500,
})
export const logins = (percent: number, before: number, ago = 1_200): Served => ({
  loginFailurePercent: since(percent, before, ago),
})
/** So often a second since the deploy, and never before. */
export const NEW: NonNullable<Served['failing']> = [
  ['/api/a', '502', since(0.08, 0, 650)],
  ['/api/b', '500', since(0.06, 0, 650)],
  ['/api/c', '404', since(0.05, 0, 650)],
  ['/api/d', '500', since(0.03, 0, 650)],
  ['/api/d', '403', since(0.03, 0, 650)],
]
/** Its requests are a few of all. */
export const smallOne = (served: Served) => ({
  backend: { perSecond: 50 },
  frontend: { perSecond: 1, ...served },
})
/** Both with buckets so narrow that they tell a little. */
export const oneOfTwo = (served: Served) => {
  const ladder = [0.05, 0.1, 0.14, 0.16, 0.18, 0.2, 0.22, 0.24, 0.26, 0.28, 0.3, 0.4, 1]
  return { backend: { perSecond: 50, ladder }, frontend: { perSecond: 12, ladder, ...served } }
}
export const only: More = { settings: { countedServices: ['backend'] } }
export const alone = (served: Served) => ({ backend: served, frontend: null })
export const named = (env: string, served: Served = {}): Served => ({ ...served, labels: { env } })
export const NOT_COUNTED = /nothing is counted of frontend/
