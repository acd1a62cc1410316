import type { Comparison, NotCopied } from '../../ports/collections.ts'
import { byId, keyOf, textOf } from './documents.ts'
import { ruleBroken } from './simulated-collection.ts'
import type { SimulatedCollection } from './simulated-collection.ts'
import type { Document } from './documents.ts'

type Documents = Pick<SimulatedCollection, 'documents'>

/** What stands in one of them and not in the other. */
export function compared(live: Documents, backup: Documents): Comparison {
  let [created, changed, same] = [0, 0, 0]
  for (const [key, one] of live.documents) {
    const other = backup.documents.get(key)
    if (!other) created += 1
    else if (textOf(one) === textOf(other)) same += 1
    else changed += 1
  }
  return { created, changed, same, deleted: backup.documents.size - changed - same }
}

/** Those that the other one lacks, in order. */
export function missingIn(from: Documents, to: Documents): readonly Document[] {
  return [...from.documents.values()].filter((one) => !to.documents.has(keyOf(one))).toSorted(byId)
}

/** Why it cannot be copied there; `null`: it can. */
export function notCopied(to: SimulatedCollection, document: Document): NotCopied | null {
  const because = ruleBroken(to, document)
  return because === null ? null : { id: shownId(document), because }
}

function shownId({ _id: id }: Document): string {
  return typeof id === 'string' ? id : JSON.stringify(id)
}
