import { z } from 'zod'

const Json = z.record(z.string(), z.json())
/** As extended JSON writes it: https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/ */
const Uuid = z.union([
  z
    .object({ $binary: z.object({ base64: z.string(), subType: z.literal(['04', '4']) }) })
    .transform(({ $binary }) => dashed(Buffer.from($binary.base64, 'base64').toString('hex'))),
  z.object({ $uuid: z.string() }).transform(({ $uuid }) => $uuid),
])

function dashed(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** https://www.mongodb.com/docs/manual/reference/command/listCollections/ */
export const Listed = z.object({
  name: z.string(),
  type: z.enum(['collection', 'view', 'timeseries']).default('collection'),
  options: Json.default({}),
  info: z.object({ uuid: Uuid.optional() }).default({}),
})
export type Listed = z.infer<typeof Listed>

/** https://www.mongodb.com/docs/manual/reference/command/listIndexes/ */
export const Index = Json.refine(
  ({ name, key }) => typeof name === 'string' && typeof key === 'object',
)

/** Numbers may come as doubles, as 32 or as 64 bit integers. */
const Count = z.coerce.number().nonnegative()

/** https://www.mongodb.com/docs/manual/reference/command/collStats/ */
export const Sizes = z.object({ count: Count, size: Count.optional() })

/** https://www.mongodb.com/docs/manual/reference/command/buildInfo/ */
export const BuildInfo = z.object({ version: z.string(), ferretdbVersion: z.string().optional() })

/** https://www.mongodb.com/docs/manual/reference/command/hello/ */
export const HelloOfSet = z.object({
  setName: z.string().optional(),
  msg: z.string().optional(),
  localTime: z.date(),
})

/** https://www.mongodb.com/docs/manual/reference/command/dbStats/ */
export const Disk = z.object({ fsUsedSize: Count.optional(), fsTotalSize: Count.optional() })

/** https://www.mongodb.com/docs/manual/reference/privilege-documents/ */
const Privilege = z.object({
  resource: z.object({
    db: z.string().optional(),
    collection: z.string().optional(),
    cluster: z.boolean().optional(),
    anyResource: z.boolean().optional(),
  }),
  actions: z.array(z.string()),
})
export type Privilege = z.infer<typeof Privilege>

/** https://www.mongodb.com/docs/manual/reference/command/connectionStatus/ */
export const ConnectionStatus = z.object({
  authInfo: z.object({
    authenticatedUsers: z.array(z.unknown()),
    authenticatedUserPrivileges: z.array(Privilege).optional(),
  }),
})

export const Commands = z.object({ commands: z.record(z.string(), z.unknown()) })
