import type { CollectionContents } from '../../domain/data/backup.ts'
import type { Collection } from '../../ports/collections.ts'
import { bytesOf, hashOf, keyOf, timeOf, valueAt } from './documents.ts'
import type { Document, Json } from './documents.ts'

export type Index = CollectionContents['indexes'][number]

/** One on a server. Its documents change; whoever copies it copies them. */
export type SimulatedCollection = {
  readonly name: string
  readonly uuid: string
  readonly kind: Collection['kind']
  readonly options: CollectionContents['options']
  readonly obstacles: readonly string[]
  readonly indexes: readonly Index[]
  readonly documents: Map<string, Document>
}

/** What there is to say of a new one; the rest is as usual. */
export type NewCollection = Pick<SimulatedCollection, 'name'> &
  Partial<Pick<SimulatedCollection, 'kind' | 'options' | 'obstacles' | 'indexes'>> & {
    readonly documents?: Iterable<Document>
  }

/** So many seconds: nothing expires by it. */
export const NEVER_SECONDS = 2_147_483_647

export function byKey(documents: Iterable<Document>): Map<string, Document> {
  return new Map(Array.from(documents, (one) => [keyOf(one), one] as const))
}

export function contentsOf({
  name,
  documents,
  indexes,
  options,
}: Pick<SimulatedCollection, 'name' | 'documents' | 'indexes' | 'options'>): CollectionContents {
  const all = [...documents.values()]
  return {
    name,
    documents: all.length,
    bytes: bytesOf(all),
    hash: hashOf(all),
    indexes: [...indexes],
    options,
  }
}

export function nameOf(index: Index): string {
  const { name } = index
  return typeof name === 'string' ? name : JSON.stringify(index['key'])
}

export function fieldsOf({ key }: Index): readonly string[] {
  return typeof key === 'object' && key !== null ? Object.keys(key) : []
}

/** When documents end by it; `null`: they do not. */
export function expiryOf(
  index: Index,
): { readonly field: string; readonly seconds: number } | null {
  const { expireAfterSeconds: seconds } = index
  const [field] = fieldsOf(index)
  return typeof seconds === 'number' && field !== undefined ? { field, seconds } : null
}

export function expiredIn(
  documents: Iterable<Document>,
  { field, seconds }: { readonly field: string; readonly seconds: number },
  nowMs: number,
): readonly Document[] {
  if (seconds >= NEVER_SECONDS) return []
  return [...documents].filter((one) => {
    const atMs = timeOf(valueAt(one, field))
    return atMs !== null && atMs + 1_000 * seconds <= nowMs
  })
}

/** By what the index tells documents apart; `null`: it leaves this one out. */
export function indexKey(index: Index, document: Document): string | null {
  const fields = fieldsOf(index)
  const values = fields.map((field) => valueAt(document, field))
  const isSparse = index['sparse'] === true
  if (isSparse && values.every((one) => one === undefined)) return null
  return JSON.stringify(values.map((one) => one ?? null))
}

/** The keys that several documents have. */
export function duplicatesUnder(index: Index, documents: Iterable<Document>): readonly string[] {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const one of documents) {
    const key = indexKey(index, one)
    if (key === null) continue
    if (seen.has(key)) twice.add(key)
    seen.add(key)
  }
  return [...twice]
}

/** Which rule of the collection it would break, without its values; `null`: none. */
export function ruleBroken(
  { options, indexes, documents }: SimulatedCollection,
  document: Document,
): string | null {
  if (!requiredOf(options).every((field) => valueAt(document, field) !== undefined)) {
    return 'it breaks the validator of the collection'
  }
  for (const index of indexes) {
    if (index['unique'] !== true) continue
    const key = indexKey(index, document)
    if (key === null) continue
    for (const [id, other] of documents) {
      if (id !== keyOf(document) && indexKey(index, other) === key) {
        return `another one has its ${fieldsOf(index).join(' and ')}`
      }
    }
  }
  return null
}

/** Of the two kinds of validator that are known here. */
function requiredOf(options: CollectionContents['options']): readonly string[] {
  const { validator } = options
  const schema = fieldOf(fieldOf(validator, '$jsonSchema'), 'required')
  const named = Array.isArray(schema) ? schema.filter((one) => typeof one === 'string') : []
  const fields = typeof validator === 'object' && validator !== null ? Object.keys(validator) : []
  const existing = fields.filter((one) => fieldOf(fieldOf(validator, one), '$exists') === true)
  return [...named, ...existing]
}

function fieldOf(value: Json | undefined, field: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return value[field]
}
