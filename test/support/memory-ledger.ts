import { keyOf, newestFirst, type LedgerEntry } from '../../src/domain/workload/ledger.ts'
import { putting } from '../../src/domain/workload/put-states.ts'
import { recordedSince } from '../../src/journal/stored-entry.ts'
import type { ReleaseLedger } from '../../src/ports/release-ledger.ts'

/** A ledger that is gone with the test. */
export function memoryLedger(...recorded: readonly LedgerEntry[]): ReleaseLedger {
  const states = new Map(recorded.map((one) => [keyOf(one), one]))
  return {
    async entries(services) {
      return newestFirst([...states.values()].filter(({ service }) => services.includes(service)))
    },
    async put(entries, known) {
      const forget = putting(entries, [...states.values()], known)
      if (forget === null) throw recordedSince()
      for (const entry of entries) states.set(keyOf(entry), entry)
      for (const one of forget) states.delete(keyOf(one))
    },
  }
}
