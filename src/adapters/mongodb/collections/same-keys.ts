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
  for (const index of indexes.filter(({ unique }) => unique === true)) {
    try {
      const cursor = collection.aggregate(pipelineOf(index), {
        allowDiskUse: true,
        signal,
        comment,
        ...asItIs,
      })
      const found = await cursor.toArray()
      const ids = found.flatMap(({ first, last }) => [idInWords(first), idInWords(last)])
      if (ids.length > 0) return ids.slice(0, MOST_NAMED)
    } catch (error) {
      // That there are some is known; which ones they are is a help, and no more.
      if (signal.aborted) throw error
    }
  }
  return []
}

/** The first and the last of each, so that no list of them grows. */
function pipelineOf({ key, partialFilterExpression: only }: Document): Document[] {
  const fields = Object.keys(Object(key)).map((field, at) => [`k${at}`, `$${field}`])
  return [
    ...(only === undefined ? [] : [{ $match: only }]),
    {
      $group: {
        _id: Object.fromEntries(fields),
        count: { $sum: 1 },
        first: { $min: '$_id' },
        last: { $max: '$_id' },
      },
    },
    { $match: { count: { $gt: 1 } } },
    { $limit: 2 },
  ]
}
