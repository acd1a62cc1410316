import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
import { checksOf } from '../require-port.ts'
import { ALL_TRIES_MS, Items, untilTheyPass } from '../until-they-pass.ts'

/** Items of the verification, tried as people would: a write and a read through the application. */
export const proveApplication = defineStep({
  id: 'prove-application',
  input: z.object({ items: Items }),
  deadlineMs: () => ALL_TRIES_MS,
  onAbort: 'interrupt',
  whenStopped: 'it is ended, and cleans up what it has written',
  onUndo: { kind: 'repeat' },

  title: ({ items }) =>
    `Prove through the application: ${items.map(({ title }) => title).join(', ')}`,

  // It may write, and so it is begun like a write (J1). What it found before a crash is asked for anew.
  inspect: async () => ({ kind: 'needed', begun: 'no-mark', seen: null }),

  async apply(context, { items }) {
    const words = {
      again: 'tried again',
      asked: 'the application',
      wrong: (title: string) => `“${title}” is not proved`,
    }
    const found = await untilTheyPass(checksOf(context.world), items, context, words)
    if (found.kind === 'passed') {
      return { kind: 'written', found: { facts: { passed: [...found.ids] }, says: found.says } }
    }
    // What a check could not clean up, it says.
    return { kind: 'refused', applied: 'no', onlyTried: true, says: found.says }
  },

  /** What it has found says more. */
  verify: async () => ({ kind: 'verified', says: 'proved' }),
})
