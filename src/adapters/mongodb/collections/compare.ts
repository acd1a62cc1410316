import type { Comparison, Report } from '../../../ports/collections.ts'
import type { Used } from '../connection.ts'
import { compareValues } from './bson-order.ts'
import { optionsOf } from './contents.ts'
import { sizesOf } from './listing.ts'
import { counting, inOrder, rawBatches, type InOrder, type Sorted } from './raw-documents.ts'

export type Found = 'only-left' | 'only-right' | 'both'

/** Both in order of `_id`, one beside the other. */
type Together = { readonly left: InOrder; readonly right: InOrder }

export async function together(
  used: Used,
  pair: { readonly database: string; readonly left: string; readonly right: string },
): Promise<Together & { readonly total: number }> {
  const [left, right] = await Promise.all(
    [pair.left, pair.right].map(async (name) => {
      const place = { database: pair.database, name }
      const options = await optionsOf(used, place)
      const { count } = await sizesOf(used, place)
      return { count, ordered: inOrder(rawBatches(used, { ...place, sorted: { options } }), name) }
    }),
  )
  if (!left || !right) throw new Error('two were asked for')
  return { left: left.ordered, right: right.ordered, total: left.count + right.count }
}

/** Goes through both; `each` is told what stands in which. */
export async function merge(
  { left, right }: Together,
  each: (
    found: Found,
    pair: { readonly left: Sorted | null; readonly right: Sorted | null },
  ) => Promise<void> | undefined,
): Promise<void> {
  try {
    await Promise.all([left.advance(), right.advance()])
    for (;;) {
      const [one, other] = [left.current(), right.current()]
      if (one === null && other === null) return
      const order = one === null ? 1 : other === null ? -1 : compareValues(one.id, other.id)
      const found = order < 0 ? 'only-left' : order > 0 ? 'only-right' : 'both'
      const done = each(found, { left: one, right: other })
      if (done) await done
      // A batch is waited for, and not each document.
      const next = order <= 0 ? left.advance() : undefined
      const otherNext = order >= 0 ? right.advance() : undefined
      if (next ?? otherNext) await Promise.all([next, otherNext])
    }
  } finally {
    await Promise.allSettled([left.end(), right.end()])
  }
}

export async function comparisonOf(
  used: Used,
  pair: { readonly database: string; readonly live: string; readonly backup: string },
  report: Report,
): Promise<Comparison> {
  const { database, live, backup } = pair
  const both = await together(used, { database, left: live, right: backup })
  const progress = counting(both.total, report)
  let [created, changed, deleted, same] = [0, 0, 0, 0]
  await merge(both, (found, { left, right }) => {
    progress.add(found === 'both' ? 2 : 1)
    if (found === 'only-left') created += 1
    else if (found === 'only-right') deleted += 1
    else if (left && right && left.bytes.equals(right.bytes)) same += 1
    else changed += 1
    return undefined
  })
  progress.tell()
  return { created, changed, deleted, same }
}
