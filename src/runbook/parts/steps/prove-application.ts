import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import type { ItemResult } from '../../../domain/verification/item.ts'
import { defineStep } from '../../../engine/run/step.ts'
import { checksOf } from '../require-port.ts'

const Input = z.object({
  items: z.array(z.object({ id: z.string(), title: z.string() })).min(1),
})
type Input = z.infer<typeof Input>

/** Items of the verification, tried as people would: a write and a read through the application. */
export const proveApplication = defineStep({
  id: 'prove-application',
  input: Input,
  // Five tries of a minute, as long as the settings let one take, and the pauses between them.
  deadlineMs: () => 7 * 60_000,
  onAbort: 'interrupt',
  whenStopped: 'it is ended, and cleans up what it has written',
  onUndo: { kind: 'repeat' },

  title: ({ items }) =>
    `Prove through the application: ${items.map(({ title }) => title).join(', ')}`,

  // It may write, and so it is begun like a write (J1). What it found before a crash is asked for anew.
  inspect: async () => ({ kind: 'needed', begun: 'no-mark', seen: null }),

  async apply({ world, signal, interrupted, report }, { items }) {
    const until = AbortSignal.any([signal, interrupted])
    const tried = (found: readonly ItemResult[]): void =>
      report(`tried again: ${saidOf(items, wrongIn(found))}`, null)
    const found = await checksOf(world).prove(
      items.map(({ id }) => id),
      tried,
      until,
    )
    const wrong = wrongIn(found)
    if (wrong.length === 0 && found.length === items.length) {
      const facts = { passed: found.map(({ item }) => item) }
      return { kind: 'written', found: { facts, says: saidOf(items, found) } }
    }
    const says = saidOf(items, wrong)
    // Cut off by its own end, or the process's: that says nothing of the application.
    if (signal.aborted) {
      throw new Fault({ kind: 'retryable', dependency: 'the application', detail: says })
    }
    // Of what is rolled back it changes nothing; what a check could not clean up, it says.
    const refused = { kind: 'refused', applied: 'no' } as const
    return { ...refused, says: interrupted.aborted ? `stopped; ${says}` : says }
  },

  /** What it has found says more. */
  verify: async () => ({ kind: 'verified', says: 'proved' }),
})

function wrongIn(found: readonly ItemResult[]): readonly ItemResult[] {
  return found.filter(({ verdict }) => verdict !== 'passed')
}

/** In the words of whoever has found it. */
function saidOf(items: Input['items'], found: readonly ItemResult[]): string {
  return found
    .map(({ item, says }) => `${items.find(({ id }) => id === item)?.title ?? item}: ${says}`)
    .join('; ')
}
