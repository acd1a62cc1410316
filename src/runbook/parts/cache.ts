import { Fault } from '../../domain/base/fault.ts'
import type { Circumstances } from '../procedure.ts'
import { joined, NOTHING, partOf, type Part } from './part.ts'
import { clearCache } from './steps/clear-cache.ts'
import { purgeCaches } from './steps/purge-caches.ts'

/**
 * The clearing of the configured keys, and of what else holds copies, beside a larger plan: whether they answer decides
 * nothing about the rest, and nothing about what is signed.
 */
export async function cachePart(circumstances: Circumstances): Promise<Part> {
  return joined([await redisPart(circumstances), purging(circumstances)])
}

/** Nothing where no such cache is configured. */
export function purging({ settings: { purges = [] } }: Circumstances): Part {
  return purges.length > 0
    ? partOf(purgeCaches, { caches: [...purges] }, { beside: true })
    : NOTHING
}

async function redisPart(circumstances: Circumstances): Promise<Part> {
  const part = clearing(circumstances, { beside: true })
  if (!part) return NOTHING
  const why = await whyNotNow(circumstances)
  const caution = `The cache cannot be cleared as things are (${why}). The rest does not wait for it; clear it afterwards: clear-cache.`
  return { ...part, cautions: why === null ? [] : [caution] }
}

/** The clearing itself; `null` where no Redis, or no key, is configured. */
export function clearing(
  { world, settings }: Circumstances,
  options: { readonly beside: boolean },
): Part | null {
  const { prefixes, protectedPrefixes } = settings.cache
  if (!world.cache || prefixes.length === 0) return null
  const input = { cache: world.cache.name, scope: { prefixes, protectedPrefixes } }
  return partOf(clearCache, input, options)
}

/** Why it could not be cleared now; `null` when nothing stands in its way. */
export async function whyNotNow({ world, signal }: Circumstances): Promise<string | null> {
  try {
    const status = await world.cache?.status(signal)
    return status?.role === 'replica' ? 'Redis is a replica, and takes no writes' : null
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return `Redis: ${error.detail}`
  }
}
