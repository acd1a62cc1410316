import { canonicalJson } from '../../domain/text/canonical-json.ts'
import {
  duplicatesUnder,
  expiryOf,
  fieldsOf,
  indexKey,
  nameOf,
  NEVER_SECONDS,
} from './simulated-collection.ts'
import type { Document } from './documents.ts'
import type { Index, SimulatedCollection } from './simulated-collection.ts'

/** So many documents that have the same key are named. */
const MOST_NAMED = 3

type Built = {
  readonly made: readonly Index[]
  /** Why not all of them were built; `null`: they were. */
  readonly not: NotBuilt | null
}

type NotBuilt = { readonly because: string; readonly sameKey?: readonly string[] }

/** Its indexes after these were built; what expires documents is built so that nothing expires by it. */
export function withIndexes(
  { indexes: had, documents, kind }: SimulatedCollection,
  wanted: readonly Index[],
): Built {
  let made = had
  for (const index of wanted) {
    const name = nameOf(index)
    const there = made.find((one) => nameOf(one) === name)
    if (there && sameBesideExpiry(there, index)) continue
    const not = there
      ? { because: `an index ${name} is there already, and it is another one` }
      : notBuilt(index, { kind, documents: [...documents.values()] })
    if (not !== null) return { made, not }
    made = [...made, asleep(index)]
  }
  return { made, not: null }
}

function notBuilt(
  index: Index,
  { kind, documents }: { readonly kind: string; readonly documents: readonly Document[] },
): NotBuilt | null {
  if (kind === 'view') return { because: 'it is a view' }
  if (index['unique'] !== true) return null
  const twice = duplicatesUnder(index, documents)
  if (twice.length === 0) return null
  const keys = twice.length === 1 ? '1 value' : `${twice.length} values`
  const because = `the index ${nameOf(index)} is unique, and ${keys} of ${fieldsOf(index).join(' and ')} stand in several documents`
  const ids = documents
    .filter((one) => twice.includes(indexKey(index, one) ?? ''))
    .map(({ _id: id }) => JSON.stringify(id))
  return { because, sameKey: ids.slice(0, MOST_NAMED) }
}

function asleep(index: Index): Index {
  return expiryOf(index) ? { ...index, expireAfterSeconds: NEVER_SECONDS } : index
}

function sameBesideExpiry(a: Index, b: Index): boolean {
  return canonicalJson(asleep(a)) === canonicalJson(asleep(b))
}
