import { BSON } from 'mongodb'
import { z } from 'zod'
import { Damage } from './damage.ts'

/** https://github.com/mongodb/mongo-tools/blob/master/common/archive/spec.md */
export const MAGIC = 0x8199e26d
export const END_OF_BLOCK = Buffer.from([0xff, 0xff, 0xff, 0xff])

/** A document, and what the server adds to one: the tools take no longer ones. */
export const LONGEST = 16 * 1024 * 1024 + 16 * 1024
export const SHORTEST = 5

export const ArchiveHeader = z.object({
  concurrent_collections: z.int().min(1).max(1_000).catch(4),
  version: z.string().max(100),
  server_version: z.string().max(200),
  tool_version: z.string().max(200),
})
export type ArchiveHeader = z.infer<typeof ArchiveHeader>

export const NamespaceEntry = z.object({
  db: z.string().max(300),
  collection: z.string().min(1).max(300),
  /** Options and indexes, as extended JSON. */
  metadata: z.string().max(LONGEST),
  type: z.string().max(60).default(''),
})
export type NamespaceEntry = z.infer<typeof NamespaceEntry>

export const BlockHeader = z.object({
  db: z.string().max(300),
  collection: z.string().min(1).max(300),
  EOF: z.boolean(),
  CRC: z.bigint(),
})
export type BlockHeader = z.infer<typeof BlockHeader>

/** A collection in it, by the name under which its documents lie there. */
export function namespaceOf({ db, collection }: { db: string; collection: string }): string {
  return `${db}.${collection}`
}

/** Time series are listed by their own name, and lie there as what the server keeps them in. */
export function entryNamespace({ db, collection, type }: NamespaceEntry): string {
  return namespaceOf({ db, collection: dataName({ collection, type }) })
}

export function dataName({
  collection,
  type,
}: Pick<NamespaceEntry, 'collection' | 'type'>): string {
  return type === 'timeseries' ? `system.buckets.${collection}` : collection
}

/** What a document of the archive itself says; never one of somebody's data. */
export function readAs<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  try {
    return schema.parse(BSON.deserialize(bytes, { useBigInt64: true }))
  } catch {
    throw new Damage('what it says about itself is not that of an archive of mongodump')
  }
}

export function writtenAs(document: Record<string, unknown>): Uint8Array {
  return BSON.serialize(document)
}
