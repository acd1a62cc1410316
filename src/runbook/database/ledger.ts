import { z } from 'zod'
import type { Collections } from '../../ports/collections.ts'

/** Where a migration says of itself whether it is applied. */
export const Ledger = z.object({
  collection: z.string(),
  /** It is, as long as a document matches. */
  applied: z.record(z.string(), z.json()),
})
export type Ledger = z.infer<typeof Ledger>

/** `not-there`: nothing tells, which is not the same as no. */
export type LedgerSays = 'applied' | 'not-applied' | 'not-there'

export async function askLedger(
  stores: Collections,
  { collection, applied }: Ledger,
  signal: AbortSignal,
): Promise<LedgerSays> {
  const found = await stores.count(collection, applied, signal)
  if (found === null) return 'not-there'
  return found > 0 ? 'applied' : 'not-applied'
}

export function ledgerGone({ collection }: Ledger): string {
  return `there is no collection ${collection}: nothing tells whether the migration is applied`
}
