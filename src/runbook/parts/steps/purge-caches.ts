import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import type { ItemResult } from '../../../domain/verification/item.ts'
import { defineStep } from '../../../engine/run/step.ts'
import { purgesOf } from '../require-port.ts'

const Input = z.object({
  caches: z.array(z.object({ id: z.string(), title: z.string() })).min(1),
})
type Input = z.infer<typeof Input>

/** Asks caches that are not ours to forget what they hold: a CDN, a proxy. Asked twice does what asked once does. */
export const purgeCaches = defineStep({
  id: 'purge-caches',
  input: Input,
  // Five tries of a minute, as long as the settings let one take, and the pauses between them.
  deadlineMs: () => 7 * 60_000,
  onAbort: 'interrupt',
  whenStopped: 'what was sent is not taken back, and nothing more is sent',
  onUndo: { kind: 'repeat' },

  title: ({ caches }) => `Purge ${caches.map(({ title }) => title).join(', ')}`,

  inspect: async () => ({ kind: 'needed', begun: 'no-mark', seen: null }),

  async apply({ world, signal, interrupted, report }, { caches }) {
    const found = await purgesOf(world).prove(
      caches.map(({ id }) => id),
      (tried) => report(`sent again: ${saidOf(caches, wrongIn(tried))}`, null),
      AbortSignal.any([signal, interrupted]),
    )
    const wrong = wrongIn(found)
    if (wrong.length === 0 && found.length === caches.length) {
      return { kind: 'written', found: { facts: null, says: saidOf(caches, found) } }
    }
    const says = saidOf(caches, wrong)
    if (signal.aborted) {
      throw new Fault({ kind: 'retryable', dependency: 'the caches', detail: says })
    }
    // Whether a cache without an answer has forgotten, nobody can say.
    return {
      kind: 'refused',
      applied: 'unknown',
      says: interrupted.aborted ? `stopped; ${says}` : says,
    }
  },

  /** That they have is what they answered. */
  verify: async () => ({ kind: 'verified', says: 'purged' }),
})

function wrongIn(found: readonly ItemResult[]): readonly ItemResult[] {
  return found.filter(({ verdict }) => verdict !== 'passed')
}

function saidOf(caches: Input['caches'], found: readonly ItemResult[]): string {
  return found
    .map(({ item, says }) => `${caches.find(({ id }) => id === item)?.title ?? item}: ${says}`)
    .join('; ')
}
