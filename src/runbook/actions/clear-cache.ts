import { whyNotNow } from '../parts/cache-now.ts'
import { clearing, purging } from '../parts/cache.ts'
import { draftOf } from '../parts/part.ts'
import { cacheOf } from '../parts/require-port.ts'
import { infeasible, type Action } from '../procedure.ts'

/** The configured cache keys, and nothing else. */
export const clearCacheOnly: Action<'clear-cache'> = async (_, circumstances) => {
  const { world, settings, signal } = circumstances
  const part = clearing(circumstances, { beside: false })
  if (!part) return infeasible('no Redis or no cache prefix is configured (redis.cache.prefixes)')
  const [{ keys }, why] = await Promise.all([
    cacheOf(world).count(settings.cache, signal),
    whyNotNow(circumstances),
  ])
  if (why !== null) return infeasible(why)
  const kept = settings.cache.protectedPrefixes
  const words = {
    title: 'clear the cache',
    because: 'asked for',
    lost: `The cache entries, ${keys} now. Services are slower until they are filled again.`,
    undo: 'No: what is cleared is filled again by the services, and not by Backout.',
    cautions: kept.length > 0 ? [`Never touched: keys that begin with ${kept.join(', ')}.`] : [],
  }
  const whole = { ...part, targets: ['redis cache'] }
  return {
    kind: 'feasible',
    draft: draftOf('clear-cache', words, [whole, purging(circumstances)], settings),
  }
}
