import { keyOf, newestFirst } from '../../domain/workload/ledger.ts'
import type { LedgerEntry, ReleaseLedger } from '../../ports/release-ledger.ts'
import { healthyAfterMs, type Run } from './container-life.ts'
import type { SimulatedHosts } from './hosts.ts'
import type { SimulatedContainer } from './simulated-container.ts'
import { sha256Of } from './specification.ts'

/**
 * The ledger of somebody who has always looked: it follows from what ran on the hosts, and whoever looks as
 * well has the last word.
 */
export function sandboxLedger(hosts: SimulatedHosts, now: () => number): ReleaseLedger {
  const recorded = new Map<string, LedgerEntry>()

  const stateOf = (runs: readonly Ran[]): readonly LedgerEntry[] => {
    const [first, last] = [runs[0], runs.at(-1)]
    if (!first || !last) return []
    const { host, image, specification } = last.of
    const healthy = runs.filter((one) => one.healthyMs > 0)
    const lastHealthy = healthy.at(-1)
    return [
      {
        service: last.of.service ?? '',
        host,
        image,
        labels: last.labels,
        references: [image.reference],
        sha256: sha256Of(specification),
        firstSeenAt: isoOf(first.fromMs),
        startedAt: isoOf(last.fromMs),
        lastSeenAt: isoOf(Math.max(...runs.map(({ toMs }) => toMs))),
        ranMs: runs.reduce((sum, { ranMs }) => sum + ranMs, 0),
        hasHealthCheck: true,
        healthyMs: healthy.reduce((sum, { healthyMs }) => sum + healthyMs, 0),
        lastHealthyAt: lastHealthy ? isoOf(lastHealthy.toMs) : null,
        healthyIn: healthy.filter(({ toMs }) => toMs === now()).map(({ of }) => of.id),
      },
    ]
  }

  const ran = (of: SimulatedContainer): readonly Ran[] => {
    const labels = hosts.images.find(of.image)?.labels
    if (of.role === 'kept' || !labels) return []
    return of.runs.map(({ startedAtMs: fromMs, endedAtMs }: Run) => {
      const toMs = Math.min(endedAtMs, now())
      const { kind } = hosts.behaviour(of)
      const healthyMs = kind === 'well' ? Math.max(0, toMs - fromMs - healthyAfterMs) : 0
      // It never runs for long: what its host counts begins anew each time.
      const ranMs = kind === 'exits' ? 0 : toMs - fromMs
      return { of, labels, fromMs, toMs, ranMs, healthyMs }
    })
  }

  return {
    async entries(services) {
      const all = hosts.everything().filter(({ service }) => services.includes(service ?? ''))
      const states = Map.groupBy(all.flatMap(ran), ({ of }) =>
        keyOf({ ...of, service: of.service ?? '', sha256: sha256Of(of.specification) }),
      )
      const seen = [...states.values()].flatMap(stateOf).map((one) => [keyOf(one), one] as const)
      const known = new Map([...seen, ...recorded])
      return newestFirst([...known.values()].filter(({ service }) => services.includes(service)))
    },
    async put(entries) {
      for (const entry of entries) recorded.set(keyOf(entry), entry)
    },
  }
}

type Ran = {
  readonly of: SimulatedContainer
  readonly labels: LedgerEntry['labels']
  readonly fromMs: number
  readonly toMs: number
  readonly ranMs: number
  readonly healthyMs: number
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
