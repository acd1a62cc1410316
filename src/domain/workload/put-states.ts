import { canonicalJson } from '../text/canonical-json.ts'
import { forgotten, keyOf, type LedgerEntry } from './ledger.ts'

/** Where one of them is: the states of one service on one host are kept together. */
export function placeOf({ service, host }: Pick<LedgerEntry, 'service' | 'host'>): string {
  return JSON.stringify([service, host])
}

/**
 * What need not be kept any more of what stands in their places, once these are put there; `null`: what they were made of is
 * not there any more, and they would undo what somebody else has counted since (J10). `known`: what that is.
 */
export function putting(
  entries: readonly LedgerEntry[],
  there: readonly LedgerEntry[],
  known?: readonly LedgerEntry[],
): readonly LedgerEntry[] | null {
  const standing = byKey(there)
  if (known) {
    const before = byKey(known)
    const isKnown = (key: string) => sameEntry(before.get(key), standing.get(key))
    if (!entries.map(keyOf).every(isKnown)) return null
  }
  const justSeen = new Set(entries.map(keyOf))
  const then = new Map([...standing, ...byKey(entries)])
  return [...Map.groupBy(then.values(), placeOf).values()].flatMap((one) =>
    forgotten(one, justSeen),
  )
}

function byKey(entries: readonly LedgerEntry[]): ReadonlyMap<string, LedgerEntry> {
  return new Map(entries.map((entry) => [keyOf(entry), entry]))
}

function sameEntry(one: LedgerEntry | undefined, other: LedgerEntry | undefined): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null)
}
