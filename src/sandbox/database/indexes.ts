import { canonicalJson } from '../../domain/text/canonical-json.ts'
import {
  duplicatesUnder,
  expiryOf,
  fieldsOf,
  nameOf,
  NEVER_SECONDS,
} from './simulated-collection.ts'
import type { Index, SimulatedCollection } from './simulated-collection.ts'

type Built = {
  readonly made: readonly Index[]
  /** Why not all of them were built; `null`: they were. */
  readonly because: string | null
}

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
    const because = there
      ? `an index ${name} is there already, and it is another one`
      : notBuilt(index, { kind, documents: [...documents.values()] })
    if (because !== null) return { made, because }
    made = [...made, asleep(index)]
  }
  return { made, because: null }
}

function notBuilt(
  index: Index,
  {
    kind,
    documents,
  }: { readonly kind: string; readonly documents: Parameters<typeof duplicatesUnder>[1] },
): string | null {
  if (kind === 'view') return 'it is a view'
  if (index['unique'] !== true) return null
  const twice = duplicatesUnder(index, documents).length
  if (twice === 0) return null
  const keys = twice === 1 ? '1 value' : `${twice} values`
  return `the index ${nameOf(index)} is unique, and ${keys} of ${fieldsOf(index).join(' and ')} stand in several documents`
}

function asleep(index: Index): Index {
  return expiryOf(index) ? { ...index, expireAfterSeconds: NEVER_SECONDS } : index
}

function sameBesideExpiry(a: Index, b: Index): boolean {
  return canonicalJson(asleep(a)) === canonicalJson(asleep(b))
}
