import type { Workload } from '../../domain/workload/workload.ts'
import { found, inconclusive, type Finding, type Probe } from '../probe.ts'

/**
 * The value is how many of the pods that should run the current release do not: one of the release
 * before it is ready, and serves, and says nothing about a new one that cannot start.
 */
export const workloadsReady: Probe = {
  id: 'workloads-ready',
  asks: 'Kubernetes',
  needsFreshMetrics: false,
  questions({ deployed }, { workloads }) {
    if (!workloads || !deployed) return []
    const { services } = deployed
    return [
      {
        target: services.join(', '),
        unit: 'pods not ready',
        query: 'list deployments, replicasets, pods',
        async ask({ signal }) {
          return judge(services, await workloads.list(services, signal))
        },
      },
    ]
  },
}

function judge(services: readonly string[], running: readonly Workload[]): Finding {
  const missing = services.filter((name) => !running.some(({ service }) => service === name))
  if (missing.length > 0) {
    const says = `no deployment found for ${missing.join(', ')} (a StatefulSet or DaemonSet is not one)`
    return inconclusive('no-data', says)
  }
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
