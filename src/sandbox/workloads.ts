import { listWithHistory } from '../domain/workload/with-history.ts'
import type { ReleaseLedger } from '../ports/release-ledger.ts'
import type { Workloads } from '../ports/workloads.ts'

/** What runs the services, as everybody sees it who does not care what that is. */
export function seenByAll(
  { list, logs, evidence }: Workloads,
  ledger: ReleaseLedger | null,
): Workloads {
  return { list: ledger ? listWithHistory(list, ledger.entries) : list, logs, evidence }
}
