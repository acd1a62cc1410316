import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
import { purgesOf } from '../require-port.ts'
import { ALL_TRIES_MS, Items, untilTheyPass } from '../until-they-pass.ts'

/** Asks caches that are not ours to forget what they hold: a CDN, a proxy. Asked twice does what asked once does. */
export const purgeCaches = defineStep({
  id: 'purge-caches',
  input: z.object({ caches: Items }),
  deadlineMs: () => ALL_TRIES_MS,
  onAbort: 'interrupt',
  whenStopped: 'what was sent is not taken back, and nothing more is sent',
  onUndo: { kind: 'repeat' },

  title: ({ caches }) => `Purge ${caches.map(({ title }) => title).join(', ')}`,

  inspect: async () => ({ kind: 'needed', begun: 'no-mark', seen: null }),

  async apply(context, { caches }) {
    const words = {
      again: 'sent again',
      asked: 'the caches',
      wrong: (title: string) => title,
    }
    const found = await untilTheyPass(purgesOf(context.world), caches, context, words)
    const { kind, says } = found
    if (kind === 'passed') return { kind: 'written', found: { facts: null, says } }
    // Whether a cache without an answer has forgotten, nobody can say.
    return { kind: 'refused', applied: 'unknown', says }
  },

  /** That they have is what they answered. */
  verify: async () => ({ kind: 'verified', says: 'purged' }),
})
