import type { FindCursor, FindOptions } from 'mongodb'
import { Fault } from '../../../domain/base/fault.ts'
import type { CollectionContents } from '../../../domain/data/backup.ts'
import type { Report } from '../../../ports/collections.ts'
import type { Used } from '../connection.ts'
import { compareValues } from './bson-order.ts'
import { idOf, type BsonValue } from './bson-value.ts'

const batchSize = 1_000
const secondPage = 2_000

type Asked = {
  readonly database: string
  readonly name: string
  /** By `_id`, in the order of the bytes, whatever collation the collection has. */
  readonly sorted?: { readonly options: CollectionContents['options'] }
}

/** The bytes of every document, a batch at a time; only one is in memory, and the one that is on its way. */
export async function* rawBatches(
  { client, signal, comment }: Used,
  { database, name, sorted }: Asked,
): AsyncGenerator<readonly Buffer[]> {
  const simple = sorted?.options['collation'] === undefined ? {} : bySimpleCollation
  const options: FindOptions = {
    raw: true,
    batchSize,
    comment,
    ...(sorted ? { sort: { _id: 1 }, ...simple } : {}),
  }
  const cursor = client
    .db(database)
    .collection(name)
    .find({}, { ...options, signal })
  try {
    while (await cursor.hasNext()) yield bufferedIn(cursor)
  } finally {
    // What is left of it is nobody's any more.
    cursor.close().catch(() => undefined)
  }
}

/** The index of `_id` has the collation of its collection, so the server has to sort. */
const bySimpleCollation = { collation: { locale: 'simple' }, allowDiskUse: true }

/** With `raw` the driver gives bytes where it says documents. */
function bufferedIn(cursor: FindCursor): readonly Buffer[] {
  const found: unknown[] = cursor.readBufferedDocuments(secondPage)
  return found.filter((one) => Buffer.isBuffer(one))
}

export type Sorted = { readonly id: BsonValue; readonly bytes: Buffer }

const outOfOrder = (name: string): Fault =>
  new Fault({
    kind: 'terminal',
    dependency: 'mongodb',
    detail: `the documents of ${name} did not come in the order of their _id`,
  })

/**
 * One document after the other, each by a call that waits only for the next batch. A server that sorts
 * otherwise than MongoDB is noticed: a merge would count everything wrong.
 */
export function inOrder(batches: AsyncGenerator<readonly Buffer[]>, name: string) {
  let batch: readonly Buffer[] = []
  let next = 0
  let current: Sorted | null = null

  const take = (): boolean => {
    const bytes = batch[next]
    if (bytes === undefined) return false
    next += 1
    const taken = { id: idOf(bytes), bytes }
    if (current !== null && compareValues(current.id, taken.id) >= 0) throw outOfOrder(name)
    current = taken
    return true
  }

  const takeLater = async (): Promise<void> => {
    do {
      const { value, done } = await batches.next()
      if (done === true) {
        current = null
        return
      }
      batch = value
      next = 0
    } while (!take())
  }

  return {
    /** `null`: that was the last one. */
    current: (): Sorted | null => current,
    /** To the next one; a promise only where that is not here yet. */
    advance: (): Promise<void> | undefined => (take() ? undefined : takeLater()),
    end: async (): Promise<void> => {
      await batches.return(undefined)
    },
  }
}
export type InOrder = ReturnType<typeof inOrder>

/** Counts documents, and tells of them in round figures: whoever listens thins it out further. */
export function counting(total: number, report: Report) {
  let done = 0
  const every = 500
  return {
    add(more: number): void {
      const before = done
      done += more
      if (Math.floor(done / every) !== Math.floor(before / every)) this.tell()
    },
    tell: (): void => report({ done, total: Math.max(done, total), unit: 'documents' }),
    done: (): number => done,
  }
}
