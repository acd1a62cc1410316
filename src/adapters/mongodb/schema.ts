import { z } from 'zod'

/** Numbers may come as doubles, as 32 or as 64 bit integers. */
const Count = z.coerce.number().nonnegative()

/** https://www.mongodb.com/docs/manual/reference/command/serverStatus/ */
export const ServerStatus = z.object({
  ok: z.number(),
  /** FerretDB and some proxies leave it out. */
  connections: z.object({ current: Count, available: Count }).optional(),
})

/** https://www.mongodb.com/docs/manual/reference/command/hello/ */
export const Hello = z.object({ isWritablePrimary: z.boolean().default(false) })
