import { z } from 'zod'
import { toMs } from '../base/instant.ts'
import { Since, type NewestChange } from './newest-change.ts'

/**
 * What changed beside what is deployed, and is not taken back with a version: how many there are of a service, a
 * flag, what a service reads its settings from, or what Backout did.
 */
export const OtherChange = z.object({
  kind: z.enum(['scale', 'restart', 'flag', 'configuration', 'runbook']),
  /** In words, with what it is about: "backend scaled to 5". */
  says: z.string(),
  since: Since,
  /** By the name under which whoever made it writes. */
  by: z.string().nullable(),
})
export type OtherChange = z.infer<typeof OtherChange>

/** Under which name Backout itself writes. */
export const OURSELVES = 'backout'

/** What is told twice of one thing is told at nearly the same time. */
const SAME_MS = 2 * 60_000

/** Older ones explain nothing that begins now. */
export const EXPLAINS_MS = 24 * 60 * 60_000

/** The newest first. What Backout knows of itself is left out where the world tells the same. */
export function otherChanges(
  found: readonly OtherChange[],
  own: readonly OtherChange[],
  { nowMs, deployed }: { readonly nowMs: number; readonly deployed: readonly NewestChange[] },
): readonly OtherChange[] {
  const msOf = ({ since }: Pick<OtherChange, 'since'>) => toMs(since.time)
  const ours = [...found, ...deployed].flatMap(({ by, since }) =>
    by === OURSELVES && since ? [toMs(since.time)] : [],
  )
  const untold = own.filter((one) => ours.every((ms) => Math.abs(ms - msOf(one)) > SAME_MS))
  return [...found, ...untold]
    .filter((one) => nowMs - msOf(one) <= EXPLAINS_MS)
    .toSorted((a, b) => msOf(b) - msOf(a) || 0)
}
