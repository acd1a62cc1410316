import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
import type { Cache } from '../../../ports/cache.ts'
import { cacheCautions } from '../cache-now.ts'
import { cacheOf } from '../require-port.ts'

/** The configured cache keys are removed, and nothing else: never a whole database. */
export const clearCache = defineStep({
  id: 'clear-cache',
  input: z.object({
    /** Which Redis: another one is not what was signed. */
    cache: z.string(),
    scope: z.object({
      prefixes: z.array(z.string().min(1)).min(1),
      protectedPrefixes: z.array(z.string().min(1)),
    }),
  }),
  deadlineMs: () => 10 * 60_000,
  onAbort: 'finish',
  // What the other version has cached is not this one's.
  onUndo: { kind: 'repeat' },

  subject: () => 'the cache',

  title: ({ scope: { prefixes } }) =>
    `Clear the cache: every key that begins with ${prefixes.join(' or ')}`,

  async inspect({ world, signal }, { cache, scope }) {
    const redis = cacheOf(world)
    const other = await another(redis, cache, signal)
    if (other !== null) return { kind: 'blocked', begun: 'no-mark', says: other }
    const { keys } = await redis.count(scope, signal)
    return keys > 0
      ? { kind: 'needed', begun: 'no-mark', seen: keys }
      : { kind: 'done', begun: 'no-mark', says: 'no such key is there' }
  },

  async apply({ world, signal }, { scope }) {
    await cacheOf(world).clear(scope, signal)
    return { kind: 'written' }
  },

  adviseUndo: async (context) => ({ problem: null, cautions: await cacheCautions(context) }),

  // Without counting: services fill an empty cache at once, and a large one takes long to go through.
  async rehearseUnseen({ world, signal }, { cache, scope }) {
    const redis = cacheOf(world)
    const other = await another(redis, cache, signal)
    if (other !== null) return { kind: 'refused', says: other }
    const right = await redis.rightToClear(scope, signal)
    switch (right.kind) {
      case 'granted':
        return { kind: 'accepted', says: 'Redis lets us clear the cache' }
      case 'refused':
        return { kind: 'refused', says: right.because }
      case 'not-known':
        return { kind: 'not-known', says: `Redis does not say, because ${right.because}` }
      default:
        return right satisfies never
    }
  },

  // Services fill their cache again at once: that the old keys are gone is what `clear` answers
  // for, and how many there are now is only told.
  async verify({ world, signal }, { scope }) {
    const { keys } = await cacheOf(world).count(scope, signal)
    const since = keys === 0 ? 'none is there now' : `${keys} written anew since`
    return { kind: 'verified', says: `cache keys removed; ${since}` }
  },
})

/** Which Redis answers instead of the one that was signed; `null`: it is that one. */
async function another(redis: Cache, signed: string, signal: AbortSignal): Promise<string | null> {
  const identity = await redis.identity(signal)
  return identity === signed ? null : `another Redis answers now: ${identity}, not ${signed}`
}
