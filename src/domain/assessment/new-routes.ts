import { z } from 'zod'

/** Which failed requests there are since the newest deploy that there were none of before it. */
export const NewRoutes = z.object({
  since: z.iso.datetime(),
  /** The most frequent ones, as the metrics name them. */
  named: z.array(z.object({ route: z.string(), status: z.string(), requests: z.number() })),
  /** So many others. */
  more: z.number(),
})
export type NewRoutes = z.infer<typeof NewRoutes>
