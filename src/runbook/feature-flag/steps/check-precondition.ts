import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
import { Condition, whetherItHolds } from '../precondition.ts'

/** Changes nothing: looks once more, right before anything is written, whether the flag may be switched. */
export const checkPrecondition = defineStep({
  id: 'check-precondition',
  input: z.object({ flag: z.string(), condition: Condition }),
  deadlineMs: () => 60_000,
  onAbort: 'interrupt',
  whenStopped: 'it is ended; it only looks',
  // The flag goes back to what it was: nothing is opened by that.
  onUndo: { kind: 'leave' },

  title: ({ flag }) => `Check once more that ${flag} may be switched`,

  inspect: async () => ({ kind: 'done', begun: false, says: 'nothing is to be done' }),
  apply: async () => ({ kind: 'written' }),

  async verify({ world, signal }, { condition }) {
    const { holds, says } = await whetherItHolds(condition, world, signal)
    return { kind: holds ? 'verified' : 'failed', says }
  },
})
