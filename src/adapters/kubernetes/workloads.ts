import { Fault } from '../../domain/fault.ts'
import type { Workloads } from '../../ports/workloads.ts'
import type { KubernetesClient } from './client.ts'
import { podLogs } from './logs.ts'
import { managedBy } from './managed-by.ts'
import { owned } from './ownership.ts'
import type { Owned } from './ownership.ts'
import {
  Autoscaler,
  Deployment,
  Pod,
  ReplicaSet,
  ScaledObject,
  listOf,
  parseAnswer,
} from './schema.ts'
import { toWorkload } from './to-workload.ts'

export type KubernetesWorkloadsOptions = {
  readonly client: KubernetesClient
  readonly namespace: string
  /** The Deployment of each service. */
  readonly deployments: Readonly<Record<string, string>>
}

const Lists = {
  deployments: listOf(Deployment),
  replicaSets: listOf(ReplicaSet),
  pods: listOf(Pod),
  autoscalers: listOf(Autoscaler),
  scaledObjects: listOf(ScaledObject),
}

/** One list per kind, however many services there are; what the lists hold is told apart by uid. */
export function kubernetesWorkloads(options: KubernetesWorkloadsOptions): Workloads {
  const { client, namespace } = options
  const names = new Map(Object.entries(options.deployments))
  const path = (group: string, kind: string): string =>
    `/${group}/namespaces/${encodeURIComponent(namespace)}/${kind}`

  const running = async (signal: AbortSignal): Promise<(name: string) => Owned | undefined> => {
    const [deployments, replicaSets, pods] = await Promise.all([
      client.get(path('apis/apps/v1', 'deployments'), { signal }),
      client.get(path('apis/apps/v1', 'replicasets'), { signal }),
      client.get(path('api/v1', 'pods'), { signal }),
    ])
    const all = {
      deployments: parseAnswer(Lists.deployments, deployments, 'deployments').items,
      replicaSets: parseAnswer(Lists.replicaSets, replicaSets, 'replicasets').items,
      pods: parseAnswer(Lists.pods, pods, 'pods').items,
    }
    return (name) => {
      const deployment = all.deployments.find((one) => one.metadata.name === name)
      return deployment && owned(deployment, all.replicaSets, all.pods)
    }
  }

  const autoscalers = async (signal: AbortSignal): Promise<readonly Autoscaler[]> => {
    const answer = await client.get(path('apis/autoscaling/v2', 'horizontalpodautoscalers'), {
      signal,
    })
    return parseAnswer(Lists.autoscalers, answer, 'horizontalpodautoscalers').items
  }

  const scaledObjects = async (signal: AbortSignal): Promise<readonly ScaledObject[]> => {
    try {
      const answer = await client.get(path('apis/keda.sh/v1alpha1', 'scaledobjects'), { signal })
      return parseAnswer(Lists.scaledObjects, answer, 'scaledobjects').items
    } catch (error) {
      // No KEDA, or it is none of our business: what it does shows in its autoscalers, too.
      if (error instanceof Fault && (error.code === '404' || error.code === '403')) return []
      throw error
    }
  }

  return {
    async list(services, signal) {
      const [find, hpas, kedas] = await Promise.all([
        running(signal),
        autoscalers(signal),
        scaledObjects(signal),
      ])
      return services.flatMap((service) => {
        const found = find(names.get(service) ?? '')
        if (!found) return []
        return [toWorkload(service, found, managedBy(found.deployment, namespace, hpas, kedas))]
      })
    },

    async logs(service, { tail, signal }) {
      const name = names.get(service)
      if (name === undefined) return []
      const found = (await running(signal))(name)
      if (!found) return []
      return podLogs(client, { path: path('api/v1', 'pods'), name, pods: found.pods, tail, signal })
    },
  }
}
