import { z } from 'zod'
import type { RevisionId as Identity } from '../../ports/deployment-state.ts'

/** The identity of a revision as it stands in a step's input. */
export const RevisionId = z.object({
  uid: z.string(),
  templateHash: z.string(),
  number: z.number(),
  images: z.array(z.string()),
  sha256: z.string().optional(),
}) satisfies z.ZodType<Identity>
