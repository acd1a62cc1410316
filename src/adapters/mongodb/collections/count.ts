import { BSON } from 'mongodb'
import type { Used } from '../connection.ts'
import type { Place } from './contents.ts'
import { listed } from './listing.ts'

/** `null`: there is no such collection, which is not the same as none that match. */
export async function countOf(
  used: Used,
  { database, name }: Place,
  filter: Readonly<Record<string, unknown>>,
): Promise<number | null> {
  const isThere = (await listed(used, database)).some((one) => one.name === name)
  if (!isThere) return null
  const { client, signal, comment } = used
  const query = BSON.EJSON.deserialize({ ...filter })
  return client.db(database).collection(name).countDocuments(query, { signal, comment })
}
