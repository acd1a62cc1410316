import { z } from 'zod'
import { FlagValue } from '../../domain/plan/flag-value.ts'

const Image = z.object({ id: z.string(), digest: z.string().nullable(), reference: z.string() })

/** One container that gives its place to one of another image, or with another value, as a plan names it. */
export const SwapChange = z.object({
  service: z.string(),
  host: z.string(),
  name: z.string(),
  from: z.object({
    /** `null` in what an undo is made of: whatever stands there as the plan has left it. */
    id: z.string().nullable(),
    image: Image,
    version: z.string(),
    sha256: z.string().nullable(),
  }),
  to: z.object({
    image: Image,
    version: z.string(),
    /** Made like what is kept with this hash; `null`: like the one that runs. */
    kept: z.string().nullable(),
  }),
  publishes: z.boolean(),
  restartPolicy: z.string(),
  stopSeconds: z.number(),
  /** It had ended by itself, and nobody started it again: given back, it stays so. */
  hadEnded: z.literal(true).optional(),
  /** Its service is stopped meanwhile: what is made is not started by this, nor is what gives its place. */
  runs: z.literal(false).optional(),
  /** The image stays, and the value of this variable is what changes. */
  variable: z.object({ name: z.string(), from: FlagValue, to: FlagValue }).optional(),
})
export type SwapChange = z.infer<typeof SwapChange>

export const SwapInput = z.object({
  /** In the order in which they are swapped; those of one service on several hosts at the same time. */
  changes: z.array(SwapChange).min(1),
  readyWithinMs: z.number(),
  settleMs: z.number(),
})
export type SwapInput = z.infer<typeof SwapInput>
