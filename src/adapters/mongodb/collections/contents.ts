import { hash } from 'node:crypto'
import { Fault } from '../../../domain/base/fault.ts'
import type { CollectionContents } from '../../../domain/data/backup.ts'
import { documentsSum } from '../../../domain/data/documents-sum.ts'
import type { Report } from '../../../ports/collections.ts'
import type { Used } from '../connection.ts'
import { indexesOf, listed, sizesOf } from './listing.ts'
import { counting, rawBatches } from './raw-documents.ts'

export type Place = { readonly database: string; readonly name: string }

export const notThere = (name: string): Fault =>
  new Fault({
    kind: 'terminal',
    dependency: 'mongodb',
    detail: `there is no collection ${name}`,
    code: 'NamespaceNotFound',
  })

export async function optionsOf(used: Used, place: Place): Promise<CollectionContents['options']> {
  const all = await listed(used, place.database)
  const found = all.find(({ name }) => name === place.name)
  if (!found) throw notThere(place.name)
  return found.options
}

export async function contentsOf(
  used: Used,
  place: Place,
  report: Report,
): Promise<CollectionContents> {
  const options = await optionsOf(used, place)
  const indexes = await indexesOf(used, place)
  if (indexes === null) throw notThere(place.name)
  const { count } = await sizesOf(used, place)
  const progress = counting(count, report)
  const sum = documentsSum()
  let bytes = 0
  for await (const batch of rawBatches(used, place)) {
    for (const document of batch) {
      bytes += document.length
      sum.add(hash('sha256', document, 'buffer'))
    }
    progress.add(batch.length)
  }
  progress.tell()
  const documents = progress.done()
  return { name: place.name, documents, bytes, hash: sum.hex(), indexes, options }
}
