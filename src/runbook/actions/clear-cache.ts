import { clearingStep } from '../parts/clear-cache-part.ts'
import { cacheOf } from '../parts/require-port.ts'
import { infeasible, type Procedure } from '../parts/procedure.ts'

/** The configured cache keys, and nothing else. */
export const clearCacheOnly: Procedure<'clear-cache'> = async (_, circumstances) => {
  const { world, settings, signal } = circumstances
  const step = await clearingStep(circumstances)
  if (!step) return infeasible('no Redis or no cache prefix is configured (redis.cache.prefixes)')
  const { keys } = await cacheOf(world).count(settings.cache, signal)
  const kept = settings.cache.protectedPrefixes
  return {
    kind: 'feasible',
    draft: {
      title: 'clear the cache',
      steps: [step],
      changes: [{ what: 'cache keys', from: 'as they are', to: 'none' }],
      targets: ['redis cache'],
      signatures: 2,
      because: 'asked for',
      lost: `The cache entries, ${keys} now. Services are slower until they are filled again.`,
      undo: 'No: what is cleared is filled again by the services, and not by Backout.',
      cautions: kept.length > 0 ? [`Never touched: keys that begin with ${kept.join(', ')}.`] : [],
    },
  }
}
