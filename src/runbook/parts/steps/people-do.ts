import { z } from 'zod'
import type { PlannedStep } from '../../../domain/plan/plan.ts'
import { defineStep } from '../../../engine/run/step.ts'

const Input = z.object({
  what: z.string().min(1),
  by: z.string().min(1),
})

/** What only people can do. Backout waits for their word, and neither begins it nor looks whether it is so. */
export const peopleDo = defineStep({
  id: 'people-do',
  input: Input,
  // They take the time that they take: whoever waits too long stops the run.
  deadlineMs: () => Number.MAX_SAFE_INTEGER,
  onAbort: 'interrupt',
  whenStopped: 'nobody is asked for it any more',
  onUndo: { kind: 'leave' },
  title: ({ what, by }) => `${by}: ${what}`,
  inspect: async (_, { by }) => {
    return { kind: 'blocked', begun: false, says: `${by} does it, and Backout cannot` }
  },
  apply: async () => ({ kind: 'look-again' }),
  verify: async (_, { by }) => ({ kind: 'failed', says: `${by} says when it is done` }),
  rehearseUnseen: async () => ({ kind: 'nothing-to-ask', says: '' }),
})

/** What people do in a planned step of this kind; `null`: it is of another. */
export function deedIn({ id, input }: PlannedStep): z.infer<typeof Input> | null {
  return id === peopleDo.id ? Input.parse(input) : null
}
