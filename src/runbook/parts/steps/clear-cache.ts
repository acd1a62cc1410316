import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
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

  title: ({ scope: { prefixes } }) =>
    `Clear the cache: every key that begins with ${prefixes.join(' or ')}`,

  async inspect({ world, signal }, { cache, scope }) {
    const redis = cacheOf(world)
    const identity = await redis.identity(signal)
    if (identity !== cache) {
      const says = `another Redis answers now: ${identity}, not ${cache}`
      return { kind: 'blocked', begun: 'no-mark', says }
    }
    const { keys } = await redis.count(scope, signal)
    return keys > 0
      ? { kind: 'needed', begun: 'no-mark', seen: keys }
      : { kind: 'done', begun: 'no-mark', says: 'no such key is there' }
  },

  async apply({ world, signal }, { scope }) {
    await cacheOf(world).clear(scope, signal)
    return { kind: 'written' }
  },

  // Services fill their cache again at once: that the old keys are gone is what `clear` answers
  // for, and how many there are now is only told.
  async verify({ world, signal }, { scope }) {
    const { keys } = await cacheOf(world).count(scope, signal)
    const since = keys === 0 ? 'none is there now' : `${keys} written anew since`
    return { kind: 'verified', says: `cache keys removed; ${since}` }
  },
})
