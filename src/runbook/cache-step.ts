import type { PlannedStep } from '../domain/plan.ts'
import { planned } from './planned.ts'
import type { Circumstances } from './procedure.ts'
import { clearCache } from './steps/clear-cache.ts'

/** The clearing of the configured keys; `null` where no Redis, or no key, is configured. */
export async function cacheStep({
  world,
  settings,
  signal,
}: Circumstances): Promise<PlannedStep | null> {
  const { prefixes, protectedPrefixes } = settings.cache
  if (!world.cache || prefixes.length === 0) return null
  const cache = await world.cache.identity(signal)
  return planned(clearCache, { cache, scope: { prefixes, protectedPrefixes } })
}
