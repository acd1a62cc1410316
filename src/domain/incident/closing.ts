import { z } from 'zod'
import { Actor } from '../base/actor.ts'

/** How it ended. Journaled: never rename. */
export const ClosingOutcome = z.enum(['resolved', 'handed-on', 'false-alarm'])
export type ClosingOutcome = z.infer<typeof ClosingOutcome>

/** What whoever closes an incident says of it; what is left out, nobody has said. */
export const Closing = z.object({
  outcome: ClosingOutcome,
  /** In people's own words: an amount, or that there is none. */
  revenue: z.string().optional(),
  sla: z.string().optional(),
  /** Who writes the public report. */
  reportBy: Actor.optional(),
})
export type Closing = z.infer<typeof Closing>

/** What people change of what an incident is called; what is left out, stays. */
export const Edit = z.object({
  title: z.string().optional(),
  /** `null`: as the newest assessment says. */
  severity: z.enum(['critical', 'high', 'medium', 'low']).nullable().optional(),
  description: z.string().optional(),
})
export type Edit = z.infer<typeof Edit>
