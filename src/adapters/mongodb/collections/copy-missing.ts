import { BSON, MongoBulkWriteError, type Document, type WriteError } from 'mongodb'
import { readKeptName } from '../../../domain/data/kept-name.ts'
import type { NotCopied, Report } from '../../../ports/collections.ts'
import type { Used } from '../connection.ts'
import { together, merge } from './compare.ts'
import { idInWords } from './id-in-words.ts'
import { asItIs, indexesOf } from './listing.ts'
import { counting } from './raw-documents.ts'
import { duplicateFields } from './written.ts'

/** FerretDB hangs with hundreds at once, and what an abort leaves half done is no more than this. */
const batchSize = 50
const mostListed = 100
const duplicateKey = 11_000
const invalidDocument = 121

/** So that it is written again as it was. */
const asStored = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const

type Copied = { copied: number; leftCount: number; readonly left: NotCopied[] }

export async function copyMissing(
  used: Used,
  { database, from, to }: { readonly database: string; readonly from: string; readonly to: string },
  report: Report,
): Promise<Copied> {
  const both = await together(used, { database, left: from, right: to })
  const progress = counting(both.total, report)
  const unique = await uniqueFields(used, { database, name: to })
  const found: Copied = { copied: 0, leftCount: 0, left: [] }
  const leave = (id: unknown, because: string): void => {
    found.leftCount += 1
    if (found.left.length < mostListed) found.left.push({ id: idInWords(id), because })
  }
  let waiting: Document[] = []
  const flush = async (): Promise<void> => {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    const place = { database, name: to }
    const errors = await insertedBut(used, place, batch)
    found.copied += batch.length - errors.length
    const there = await thereNow(
      used,
      place,
      errors.map(({ index }) => batch[index]?.['_id']),
    )
    for (const error of errors) {
      const id: unknown = batch[error.index]?.['_id']
      // Somebody has just written it: nothing is missing.
      if (!there.has(idInWords(id))) leave(id, whyNot(error, unique))
    }
  }
  await merge(both, (where, { left }) => {
    progress.add(where === 'both' ? 2 : 1)
    if (where !== 'only-left' || !left) return undefined
    const document = BSON.deserialize(left.bytes, asStored)
    if (!left.bytes.equals(BSON.serialize(document, { ignoreUndefined: false }))) {
      leave(document['_id'], 'it holds a value of a type that is not made any more')
      return undefined
    }
    waiting.push(document)
    return waiting.length < batchSize ? undefined : flush()
  })
  await flush()
  progress.tell()
  return found
}

/** Those of the batch that were not inserted. */
async function insertedBut(
  { client, signal, comment, writes }: Used,
  { database, name }: { readonly database: string; readonly name: string },
  batch: Document[],
): Promise<readonly WriteError[]> {
  // A copy of ours is to be as it is; what is live keeps its rules.
  const bypassDocumentValidation = readKeptName(name) !== null
  const options = {
    ordered: false,
    comment,
    signal,
    bypassDocumentValidation,
    writeConcern: { w: 'majority' },
  } as const
  writes()
  try {
    await client.db(database).collection(name).insertMany(batch, options)
    return []
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error
    const errors = [error.writeErrors].flat()
    const isOfDocuments = errors.every(
      ({ code }) => code === duplicateKey || code === invalidDocument,
    )
    if (errors.length === 0 || !isOfDocuments || error.result.getWriteConcernError()) throw error
    return errors
  }
}

async function thereNow(
  { client, signal, comment }: Used,
  { database, name }: { readonly database: string; readonly name: string },
  ids: readonly unknown[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const found = await client
    .db(database)
    .collection(name)
    .find({ _id: { $in: ids } } as Document, {
      projection: { _id: 1 },
      signal,
      comment,
      ...asItIs,
    })
    .toArray()
  return new Set(found.map(({ _id: id }) => idInWords(id)))
}

/** Of each unique index, for servers that do not say which one it was. */
async function uniqueFields(
  used: Used,
  place: { readonly database: string; readonly name: string },
): Promise<readonly string[]> {
  const indexes = (await indexesOf(used, place)) ?? []
  return indexes
    .filter(({ unique }) => unique === true)
    .map(({ key }) => Object.keys(Object(key)).join(' and '))
}

function whyNot({ code, err }: WriteError, unique: readonly string[]): string {
  if (code === invalidDocument) return 'it breaks the validator of the collection'
  const fields = duplicateFields(err).join(' and ')
  return `another one has its ${fields || unique.join(', or its ') || 'unique key'}`
}
