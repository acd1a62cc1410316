import type { Workload } from '../../domain/workload/workload.ts'
import { notAsAskedFor } from '../not-as-asked-for.ts'
import { found, inconclusive, type Finding, type Probe, type Question } from '../probe.ts'

/**
 * The value is how many of the pods that should run the current release do not: one of the release
 * before it is ready, and serves, and says nothing about a new one that cannot start. The same of containers.
 */
export const workloadsReady: Probe = {
  id: 'workloads-ready',
  asks: 'Kubernetes',
  needsFreshMetrics: false,
  questions({ deployed }, { workloads }) {
    if (!workloads || !deployed) return []
    const { services, onHosts = [] } = deployed
    const inCluster = services.filter((service) => !onHosts.includes(service))
    return [
      ...questionAbout(inCluster, {
        unit: 'pods not ready',
        query: 'list deployments, replicasets, pods',
        missing: (names) =>
          `no deployment found for ${names} (a StatefulSet or DaemonSet is not one)`,
      }),
      ...questionAbout(onHosts, {
        unit: 'containers not ready',
        query: 'list containers',
        asks: 'Docker',
        missing: (names) => `no container found for ${names} on any host`,
      }),
    ]
  },
}

type Kind = Pick<Question, 'unit' | 'query' | 'asks'> & {
  readonly missing: (names: string) => string
}

function questionAbout(
  services: readonly string[],
  { missing, ...kind }: Kind,
): readonly Question[] {
  if (services.length === 0) return []
  return [
    {
      ...kind,
      target: services.join(', '),
      async ask({ world: { workloads, clock }, signal }) {
        const running = (await workloads?.list(services, signal)) ?? []
        const finding = judge(services, running, missing)
        const nowMs = clock.now()
        const rollouts = running.flatMap((one) => notAsAskedFor(one, nowMs) ?? [])
        return finding.class === 'value' ? { ...finding, rollouts } : finding
      },
    },
  ]
}

function judge(
  services: readonly string[],
  running: readonly Workload[],
  missing: Kind['missing'],
): Finding {
  const without = services.filter((name) => !running.some(({ service }) => service === name))
  if (without.length > 0) return inconclusive('no-data', missing(without.join(', ')))
  const notReady = running.reduce(
    (sum, { desired, ready, updated }) => sum + Math.max(0, desired - Math.min(ready, updated)),
    0,
  )
  const parts = running.map(({ service, ready, updated, desired, restarts, troubles }) =>
    [
      `${service} ${ready} of ${desired} ready`,
      ...(updated < desired ? [`${updated} of ${desired} updated`] : []),
      ...(restarts > 0 ? [`${restarts} restarts`] : []),
      ...troubles.slice(0, 2),
    ].join(', '),
  )
  const nobodyWanted = running.some(({ desired }) => desired === 0)
  const inTrouble = running.some(({ troubles }) => troubles.length > 0)
  const bad = notReady > 0 || nobodyWanted || inTrouble
  return found(notReady, bad ? 'degraded' : 'healthy', parts.join('; '))
}
