import { z } from 'zod'
import type { Used } from '../connection.ts'
import type { Place } from './contents.ts'
import { factsOf } from './data-server.ts'

const Counted = z.object({ documents: z.number() }).optional()

/** By the server's clock: it is the one that deletes. Of several dates in a field the first one counts. */
export async function expiredOf(
  used: Used,
  { database, name }: Place,
  { field, seconds }: { readonly field: string; readonly seconds: number },
): Promise<number> {
  const { client, signal, comment } = used
  const { now } = await factsOf(used)
  const before = new Date(now.getTime() - seconds * 1_000)
  const [found] = await client
    .db(database)
    .collection(name)
    .aggregate([{ $match: { [field]: { $lte: before } } }, { $count: 'documents' }], {
      signal,
      comment,
    })
    .toArray()
  return Counted.parse(found)?.documents ?? 0
}
