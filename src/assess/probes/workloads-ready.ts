import type { Workload } from '../../domain/workload.ts'
import { found, inconclusive, type Finding, type Probe } from '../probe.ts'

/** The value is how many pods or containers are not ready. */
export const workloadsReady: Probe = {
  id: 'workloads-ready',
  asks: 'Kubernetes',
  needsFreshMetrics: false,
  questions({ kubernetes }, { workloads }) {
    if (!workloads || !kubernetes) return []
    const { services } = kubernetes
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
    return inconclusive('no-data', `no deployment found for ${missing.join(', ')}`)
  }
  const notReady = running.reduce(
    (sum, { desired, ready }) => sum + Math.max(0, desired - ready),
    0,
  )
  const parts = running.map(({ service, ready, desired, restarts, troubles }) =>
    [
      `${service} ${ready} of ${desired} ready`,
      ...(restarts > 0 ? [`${restarts} restarts`] : []),
      ...troubles.slice(0, 2),
    ].join(', '),
  )
  const nobodyWanted = running.some(({ desired }) => desired === 0)
  const bad = notReady > 0 || nobodyWanted
  return found(notReady, bad ? 'degraded' : 'healthy', parts.join('; '))
}
