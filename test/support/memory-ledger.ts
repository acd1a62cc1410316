import {
  forgotten,
  keyOf,
  newestFirst,
  type LedgerEntry,
} from '../../src/domain/workload/ledger.ts'
import type { ReleaseLedger } from '../../src/ports/release-ledger.ts'

/** A ledger that is gone with the test. */
export function memoryLedger(...known: readonly LedgerEntry[]): ReleaseLedger {
  const states = new Map(known.map((one) => [keyOf(one), one]))
  return {
    async entries(services) {
      return newestFirst([...states.values()].filter(({ service }) => services.includes(service)))
    },
    async put(entries) {
      for (const entry of entries) states.set(keyOf(entry), entry)
      const justSeen = new Set(entries.map(keyOf))
      const places = Map.groupBy(states.values(), (one) => JSON.stringify([one.service, one.host]))
      for (const there of places.values()) {
        for (const one of forgotten(there, justSeen)) states.delete(keyOf(one))
      }
    },
  }
}
