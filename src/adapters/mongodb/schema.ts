import { Timestamp } from 'mongodb'
import { z } from 'zod'

/** Numbers may come as doubles, as 32 or as 64 bit integers. */
const Count = z.coerce.number().nonnegative()

/** https://www.mongodb.com/docs/manual/reference/command/count/ */
export const CountAnswer = z.object({ n: Count })

/** https://www.mongodb.com/docs/manual/reference/command/serverStatus/ */
export const ServerStatus = z.object({
  ok: z.number(),
  /** FerretDB and some proxies leave it out. */
  connections: z.object({ current: Count, available: Count }).optional(),
})

/** Microseconds, and how many there were, since it was started. */
const Latency = z.object({ latency: Count, ops: Count })

/** The same command, of what it tells only when it is asked for. */
export const ServerLoad = z.object({
  opLatencies: z.object({ reads: Latency, writes: Latency }).optional(),
  oplog: z
    .object({ earliestOptime: z.instanceof(Timestamp), latestOptime: z.instanceof(Timestamp) })
    .optional(),
})
export type ServerLoad = z.infer<typeof ServerLoad>

/** https://www.mongodb.com/docs/manual/reference/command/replSetGetStatus/ */
export const SetStatus = z.object({
  members: z.array(z.object({ stateStr: z.string(), optimeDate: z.date().optional() })),
})

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/currentOp/ */
export const Counted = z.object({
  cursor: z.object({ firstBatch: z.array(z.object({ running: Count })).max(1) }),
})

/** https://www.mongodb.com/docs/manual/reference/command/hello/ */
export const Hello = z.object({ isWritablePrimary: z.boolean().default(false) })

/** https://www.mongodb.com/docs/manual/reference/command/listDatabases/ */
export const Databases = z.object({ databases: z.array(z.object({ name: z.string() })) })

/** The first batch of it. https://www.mongodb.com/docs/manual/reference/command/listCollections/ */
export const Collections = z.object({
  cursor: z.object({
    firstBatch: z.array(z.object({ name: z.string(), type: z.string().default('collection') })),
  }),
})

/** Only sizes: collStats also tells of validators and filters, and those hold what users wrote. */
const sizes = (...names: readonly string[]) =>
  z.object(Object.fromEntries(names.map((name) => [name, z.number().optional()])))

/** https://www.mongodb.com/docs/manual/reference/command/dbStats/ */
export const DatabaseStats = sizes(
  'collections',
  'views',
  'objects',
  'avgObjSize',
  'dataSize',
  'storageSize',
  'indexes',
  'indexSize',
  'totalSize',
  'fsUsedSize',
  'fsTotalSize',
)

/** https://www.mongodb.com/docs/manual/reference/command/collStats/ */
export const CollectionStats = sizes(
  'count',
  'size',
  'avgObjSize',
  'storageSize',
  'freeStorageSize',
  'nindexes',
  'totalIndexSize',
  'totalSize',
)
