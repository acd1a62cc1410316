import { MongoServerError, type Document } from 'mongodb'
import type { Used } from '../connection.ts'

/** The sharded ones of this database; `null`: the account may not ask. */
export async function shardedOf(
  { client, signal, comment }: Used,
  database: string,
): Promise<readonly string[] | null> {
  const prefix = `${database}.`
  const all: Document = { dropped: { $ne: true } }
  try {
    const found = await client
      .db('config')
      .collection('collections')
      .find(all, { projection: { _id: 1 }, signal, comment })
      .toArray()
    return found
      .map(({ _id: id }) => String(id))
      .flatMap((id) => (id.startsWith(prefix) ? [id.slice(prefix.length)] : []))
  } catch (error) {
    if (error instanceof MongoServerError) return null
    throw error
  }
}
