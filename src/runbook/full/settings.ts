import { z } from 'zod'

/** `procedures.full` in backout.yaml: code, data and caches as one plan, while nobody works with them. */
export const FullSettings = z.strictObject({
  /** Which services are stopped meanwhile. Left out: those that write to the database, or else all that are run. */
  stop: z.array(z.string().min(1)).min(1).optional(),
  /** What people do on the way: a load balancer that is not ours, a call. The plan waits for their word. */
  people: z
    .array(
      z.strictObject({
        what: z.string().min(1).max(200),
        by: z.string().min(1).max(80),
        /** Before the services stop, before they start again, or before maintenance ends. */
        before: z.enum(['stop', 'start', 'end']),
      }),
    )
    .max(8)
    .default([]),
})
