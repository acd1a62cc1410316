import type { Document } from 'mongodb'
import type { CollectionContents } from '../../../domain/data/backup.ts'
import type { Used } from '../connection.ts'
import type { Place } from './contents.ts'
import { idInWords } from './id-in-words.ts'
import { asItIs } from './listing.ts'

const MOST_NAMED = 3

/** A few documents that have the same key of one of these, by their ids; none where the server finds none. */
export async function sameKeys(
  { client, signal, comment }: Used,
  { database, name }: Place,
  indexes: CollectionContents['indexes'],
): Promise<readonly string[]> {
  const collection = client.db(database).collection(name)
  const options = { signal, comment, ...asItIs }
  for (const { key } of indexes.filter(({ unique }) => unique === true)) {
    const fields = Object.keys(Object(key))
    try {
      const cursor = collection.aggregate(twice(fields), { allowDiskUse: true, ...options })
      const [found] = await cursor.toArray()
      if (!found) continue
      const values = fields.map((field, at) => [field, found['_id']?.[`k${at}`] ?? null])
      const documents = await collection
        .find(Object.fromEntries(values), { projection: { _id: 1 }, limit: MOST_NAMED, ...options })
        .toArray()
      return documents.map(({ _id: id }) => idInWords(id))
    } catch (error) {
      // That there are some is known; which ones they are is a help, and no more.
      if (signal.aborted) throw error
    }
  }
  return []
}

/** One key that stands in several documents. No list of them grows, and so the server's memory does not. */
function twice(fields: readonly string[]): Document[] {
  const key = Object.fromEntries(fields.map((field, at) => [`k${at}`, `$${field}`]))
  return [
    { $group: { _id: key, count: { $sum: 1 } } },
    { $match: { count: { $gt: 1 } } },
    { $limit: 1 },
  ]
}
