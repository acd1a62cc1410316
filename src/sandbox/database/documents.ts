import type { CollectionContents } from '../../domain/data/backup.ts'
import { fraction } from '../metrics/noise.ts'

export type Json = CollectionContents['options'][string]

/**
 * As extended JSON has it: `{ $oid: … }`, `{ $date: … }`, `{ $numberLong: … }` stand for what JSON has no word for.
 * Never changed in place, so that what is known of one stays true.
 */
export type Document = { readonly [field: string]: Json } & { readonly _id: Json }

const sizes = new WeakMap<Document, number>()
const hashes = new WeakMap<Document, bigint>()

/** Two with equal text are the same document: the order of their fields counts. */
export function textOf(document: Document): string {
  return JSON.stringify(document)
}

export function keyOf({ _id }: Pick<Document, '_id'>): string {
  return JSON.stringify(_id)
}

export function bytesOf(documents: Iterable<Document>): number {
  let sum = 0
  for (const one of documents) sum += sizeOf(one)
  return sum
}

const MODULUS = 2n ** 128n

/** Equal for equal documents in any order. */
export function hashOf(documents: Iterable<Document>): string {
  let sum = 0n
  for (const one of documents) sum += hashOfOne(one)
  return (sum % MODULUS).toString(16).padStart(32, '0')
}

/** In the order of MongoDB, as far as ids here go. */
export function byId(
  { _id: idA }: Pick<Document, '_id'>,
  { _id: idB }: Pick<Document, '_id'>,
): number {
  const [rankA, rankB] = [rankOf(idA), rankOf(idB)]
  if (rankA !== rankB) return rankA - rankB
  if (typeof idA === 'number' && typeof idB === 'number') return idA - idB
  const [keyA, keyB] = [JSON.stringify(idA), JSON.stringify(idB)]
  return keyA === keyB ? 0 : keyA < keyB ? -1 : 1
}

function rankOf(id: Json): number {
  if (typeof id === 'number') return 1
  if (typeof id === 'string') return 2
  if (typeof id === 'object' && id !== null) return '$oid' in id ? 5 : '$date' in id ? 7 : 3
  return typeof id === 'boolean' ? 6 : 0
}

/** What stands at `address.city`; `undefined`: nothing. */
export function valueAt(document: Document, path: string): Json | undefined {
  let found: Json | undefined = document
  for (const part of path.split('.')) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined
    found = found[part]
  }
  return found
}

/** `null`: it is no time. */
export function timeOf(value: Json | undefined): number | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { $date } = value
  if (typeof $date !== 'string') return null
  const ms = Date.parse($date)
  return Number.isNaN(ms) ? null : ms
}

function sizeOf(document: Document): number {
  const size = sizes.get(document) ?? textOf(document).length
  sizes.set(document, size)
  return size
}

function hashOfOne(document: Document): bigint {
  const found = hashes.get(document)
  if (found !== undefined) return found
  const text = textOf(document)
  let hash = 0n
  for (const seed of [1, 2, 3, 4]) {
    hash = (hash << 32n) + BigInt(Math.floor(fraction(seed, text) * 2 ** 32))
  }
  hashes.set(document, hash)
  return hash
}
