import { z } from 'zod'

/** `procedures.full` in backout.yaml: code, data and caches as one plan, while nobody works with them. */
export const FullSettings = z.strictObject({
  /** Which services are stopped meanwhile. Left out: those that write to the database, or else all that are run. */
  stop: z.array(z.string().min(1)).min(1).optional(),
})
