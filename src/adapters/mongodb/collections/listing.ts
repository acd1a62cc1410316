import { BSON, MongoServerError, type Document } from 'mongodb'
import type { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import { readKeptName } from '../../../domain/data/kept-name.ts'
import type { CollectionContents } from '../../../domain/data/backup.ts'
import type { Collection, CollectionMeasured } from '../../../ports/collections.ts'
import type { Used } from '../connection.ts'
import { Index, Listed, Sizes } from './schema.ts'

/** Or its pattern would become one of JavaScript, which knows fewer. */
export const asItIs = { bsonRegExp: true } as const

/** The name in front of it counts too: https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions */
const longestNamespace = 255
/** What is put in front of a name that is kept: `__rb_20261122-abcd_p123456_try123456789012__`. */
const longestMark = 45

export const namespaceNotFound = 26

/** What a server says, as JSON of the plain kind, through a schema. */
export function plain<T>(schema: z.ZodType<T>, document: Document, what: string): T {
  const parsed = schema.safeParse(BSON.EJSON.serialize(document, { relaxed: true }))
  if (parsed.success) return parsed.data
  const detail = `its answer to ${what} is not one of MongoDB`
  throw new Fault({ kind: 'terminal', dependency: 'mongodb', detail })
}

export async function listed({ client }: Used, database: string): Promise<Listed[]> {
  const cursor = client
    .db(database)
    .listCollections({}, { nameOnly: false, batchSize: 10_000, ...asItIs })
  const found = await cursor.toArray()
  return found.map((one) => plain(Listed, one, 'listCollections'))
}

const KINDS = { collection: 'collection', view: 'view', timeseries: 'time-series' } as const

/** `sharded`: of this database; `null`: the account may not ask. */
export function collectionOf(
  { name, type, options, info }: Listed,
  { database, sharded }: { readonly database: string; readonly sharded: readonly string[] | null },
): Collection {
  const marked = readKeptName(name) === null ? longestMark : 0
  const bytes = Buffer.byteLength(`${database}.${name}`) + marked
  const obstacles = [
    ...(type === 'view' ? ['it is a view'] : []),
    ...(type === 'timeseries' ? ['it is a time series'] : []),
    ...(name.startsWith('system.') ? ['it belongs to the server'] : []),
    ...(options['encryptedFields'] === undefined ? [] : ['its fields are encrypted by MongoDB']),
    ...(sharded?.includes(name) === true ? ['it is sharded'] : []),
    ...(sharded === null ? ['it may be sharded, which the account may not ask'] : []),
    ...(bytes > longestNamespace
      ? ['its name is too long to be kept beside under another one']
      : []),
  ]
  return { name, uuid: info.uuid ?? null, kind: KINDS[type], options, obstacles }
}

/** Without what only names the collection, and without the one of `_id`; `null`: there is no such collection. */
export async function indexesOf(
  { client, comment }: Used,
  place: { readonly database: string; readonly name: string },
): Promise<CollectionContents['indexes'] | null> {
  try {
    const found = await client
      .db(place.database)
      .collection(place.name)
      .listIndexes({ comment, ...asItIs })
      .toArray()
    return found
      .map(({ ns: _ns, ...index }) => plain(Index, index, 'listIndexes'))
      .filter(({ name }) => name !== '_id_')
  } catch (error) {
    if (error instanceof MongoServerError && error.code === namespaceNotFound) return null
    throw error
  }
}

export async function sizesOf(
  { client, signal, comment }: Used,
  { database, name }: { readonly database: string; readonly name: string },
): Promise<Sizes> {
  const answer = await client.db(database).command({ collStats: name, comment }, { signal })
  return plain(Sizes, answer, 'collStats')
}
type Sizes = z.infer<typeof Sizes>

/** One that is not there is left out. */
export async function measured(
  used: Used,
  place: { readonly database: string; readonly name: string },
): Promise<CollectionMeasured | null> {
  const indexes = await indexesOf(used, place)
  if (indexes === null) return null
  const { count, size = null } = await sizesOf(used, place)
  return { name: place.name, documents: count, bytes: size, indexes }
}
