import { withHistory } from '../domain/workload/with-history.ts'
import type { ReleaseLedger } from '../ports/release-ledger.ts'
import type { Workloads } from '../ports/workloads.ts'

/** What runs the services, as everybody sees it who does not care what that is. */
export function seenByAll(
  { list, logs, evidence }: Workloads,
  ledger: ReleaseLedger | null,
): Workloads {
  if (!ledger) return { list, logs, evidence }
  return {
    logs,
    evidence,
    async list(services, signal) {
      const [running, entries] = await Promise.all([
        list(services, signal),
        ledger.entries(services),
      ])
      return running.map((workload) => withHistory(workload, entries))
    },
  }
}
