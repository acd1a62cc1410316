import { z } from 'zod'

/** Where a person was when they asked. `thread` is the root message's timestamp, if in a thread. */
export const Place = z.object({ channel: z.string(), thread: z.string().nullable() })
export type Place = z.infer<typeof Place>
