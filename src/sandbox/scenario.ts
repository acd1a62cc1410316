import { healthy } from './production.ts'
import type { Production } from './production.ts'

export const scenarioNames = [
  'complete-outage',
  'errors-62',
  'errors-8',
  'login-failures',
  'slow-30',
  'slow-60',
  'redis-down',
  'data-corruption',
  'tenant-flag',
  'prometheus-silent',
  'prometheus-stale',
  'healthy',
] as const

export type ScenarioName = (typeof scenarioNames)[number]

/** What each one changes in a production that is otherwise well. */
const changes: Readonly<Record<ScenarioName, Partial<Production>>> = {
  'complete-outage': {
    crashLooping: true,
    // Nobody is there to be measured, so rates are silent and not zero.
    requestsPerSecond: null,
    activeUsers: 4,
  },
  'errors-62': { errorPercent: 62, activeUsers: 84 },
  'errors-8': { errorPercent: 8 },
  'login-failures': { loginFailurePercent: 14, activeUsers: 101 },
  'slow-30': { p95Seconds: 1.3 * healthy.p95Seconds },
  'slow-60': { p95Seconds: 1.6 * healthy.p95Seconds, activeUsers: 109 },
  'redis-down': { redis: 'refusing' },
  'data-corruption': { errorPercent: 6.4, causedByData: true },
  'tenant-flag': { errorPercent: 58, activeUsers: 96, causedByFlag: true },
  'prometheus-silent': { prometheus: 'silent' },
  'prometheus-stale': { sampleAgeSeconds: 540 },
  healthy: {},
}

export function productionOf(scenario: ScenarioName): Production {
  return { ...healthy, ...changes[scenario] }
}
