import type { Circumstances } from '../procedure.ts'
import { cacheCautions } from './cache-now.ts'
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
  return { ...part, cautions: await cacheCautions(circumstances) }
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
