import type { LedgerEntry } from '../domain/workload/ledger.ts'

export type { LedgerEntry } from '../domain/workload/ledger.ts'

/** The history that hosts of containers do not keep. Throws a `Fault` when it cannot be read or written. */
export type ReleaseLedger = {
  /** The newest first. */
  entries(services: readonly string[]): Promise<readonly LedgerEntry[]>
  /**
   * Puts each of them in place of the one of the same service, host, image and hash: all of them, or none. The oldest of
   * a service on a host go when they are too many. `known`: the entries that they were made of; where another process has
   * put one since, nothing is put, and it throws. Left out: whatever stands there.
   */
  put(entries: readonly LedgerEntry[], known?: readonly LedgerEntry[]): Promise<void>
}
