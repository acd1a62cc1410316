import { keyOf, newestFirst, type LedgerEntry } from '../../domain/workload/ledger.ts'
import type { ReleaseLedger } from '../../ports/release-ledger.ts'
import type { HostsStage, SimulatedHosts } from './hosts.ts'
import { sha256Of } from './specification.ts'

const DAY_MS = 24 * 60 * 60_000

/** What was recorded of the simulated hosts before anybody asked: two releases that ran for days, and the bad one. */
export function sandboxLedger(
  { deployedAtMs, now, facts }: HostsStage,
  hosts: SimulatedHosts,
): ReleaseLedger {
  const recorded = new Map<string, LedgerEntry>()

  function past(host: string, service: string): readonly LedgerEntry[] {
    const { version, previousVersion } = facts()
    const { specification } = hosts.files.container(host, service, deployedAtMs)
    const ran = [
      [version, deployedAtMs, now()],
      [previousVersion, deployedAtMs - 6 * DAY_MS, deployedAtMs],
      ['v1.8.3', deployedAtMs - 19 * DAY_MS, deployedAtMs - 6 * DAY_MS],
    ] as const
    const firsts = ran.filter(([one], index) => ran.findIndex(([other]) => other === one) === index)
    return firsts.map(([one, sinceMs, untilMs]) => {
      const { id: image, labels } = hosts.images.of(service, one)
      const [since, until] = [sinceMs, untilMs].map((ms) => new Date(ms).toISOString())
      return {
        service,
        host,
        image,
        labels,
        references: [image.reference],
        sha256: sha256Of(specification),
        firstSeenAt: since ?? '',
        startedAt: since ?? '',
        lastSeenAt: until ?? '',
        ranMs: untilMs - sinceMs,
        hasHealthCheck: true,
        healthyMs: untilMs - sinceMs,
        lastHealthyAt: until ?? '',
        healthyIn: [],
      }
    })
  }

  return {
    async entries(services) {
      const all = hosts.names.flatMap((host) =>
        (hosts.host(host)?.services ?? []).flatMap((service) => past(host, service)),
      )
      const known = new Map([...all.map((one) => [keyOf(one), one] as const), ...recorded])
      return newestFirst([...known.values()].filter(({ service }) => services.includes(service)))
    },
    async put(entries) {
      for (const entry of entries) recorded.set(keyOf(entry), entry)
    },
  }
}
