import type { z } from 'zod'
import type { Workloads } from '../../../ports/workloads.ts'
import type { KubernetesClient, KubernetesQuery } from '../client/client.ts'
import { evidenceOf, itemsOf } from '../evidence/evidence.ts'
import { podLogs } from '../evidence/logs.ts'
import { managedBy } from './managed-by.ts'
import { owned } from './ownership.ts'
import type { Owned } from './ownership.ts'
import { Autoscaler, Deployment, Pod, ReplicaSet, listOf, parseAnswer } from './schema.ts'
import { toRollout } from './to-rollout.ts'
import { toSighting } from './to-sighting.ts'
import { toWorkload } from './to-workload.ts'
import { write } from '../write/write.ts'

export type KubernetesWorkloadsOptions = {
  readonly client: KubernetesClient
  readonly namespace: string
  /** The Deployment of each service. */
  readonly deployments: Readonly<Record<string, string>>
  /** For the time that a restart leaves on its pods. */
  readonly now?: () => number
}

/** One list per kind, however many services there are; what the lists hold is told apart by uid. */
export function kubernetesWorkloads(options: KubernetesWorkloadsOptions): Workloads {
  const { client, namespace, now = Date.now } = options
  const names = new Map(Object.entries(options.deployments))
  const path = (group: string, kind: string): string =>
    `/${group}/namespaces/${encodeURIComponent(namespace)}/${kind}`

  const list = async <T extends z.ZodType>(
    [group, kind, item]: readonly [group: string, kind: string, item: T],
    ask: { readonly signal: AbortSignal; readonly query?: KubernetesQuery },
  ): Promise<Listed<z.infer<T>>> => {
    const answer = await client.get(path(group, kind), ask)
    return { raw: itemsOf(answer), items: parseAnswer(listOf(item), answer, kind).items }
  }
  const autoscalers = (signal: AbortSignal): Promise<Listed<Autoscaler>> =>
    list(kinds.hpas, { signal })

  /** What the cluster holds now. Pods are many, and not always needed. */
  const look = async (signal: AbortSignal, withPods = true) => {
    const [deployments, replicasets, pods] = await Promise.all([
      list(kinds.deployments, { signal }),
      list(kinds.replicasets, { signal }),
      withPods ? list(kinds.pods, { signal }) : { raw: [], items: [] },
    ])
    return {
      raw: { deployments: deployments.raw, replicasets: replicasets.raw, pods: pods.raw },
      find(service: string): Owned | undefined {
        const name = names.get(service)
        const found = deployments.items.find(({ metadata }) => metadata.name === name)
        return found && owned(found, replicasets.items, pods.items)
      },
    }
  }

  return {
    async list(services, signal) {
      const [{ find }, hpas] = await Promise.all([look(signal), autoscalers(signal)])
      return present(services, find, (service, found) =>
        toWorkload(service, found, managedBy(found.deployment, namespace, hpas.items)),
      )
    },

    async logs(service, { tail, signal }) {
      const found = (await look(signal)).find(service)
      if (!found) return []
      const { name } = found.deployment.metadata
      return podLogs(client, { path: path('api/v1', 'pods'), name, pods: found.pods, tail, signal })
    },

    async releases(services, signal) {
      const [{ find }, hpas] = await Promise.all([look(signal, false), autoscalers(signal)])
      return present(services, find, (service, found) => ({
        ...toSighting(service, found),
        managedBy: managedBy(found.deployment, namespace, hpas.items),
      }))
    },

    async sightings(services, signal) {
      const { find } = await look(signal, false)
      return present(services, find, toSighting)
    },

    async rollouts(services, signal) {
      const { find } = await look(signal)
      return present(services, find, toRollout)
    },

    write(wanted, settings) {
      const { name } = wanted.seen
      const read = async (): Promise<Deployment | undefined> => {
        const ask = { signal: settings.signal, query: { fieldSelector: `metadata.name=${name}` } }
        return (await list(kinds.deployments, ask)).items[0]
      }
      const where = `${path('apis/apps/v1', 'deployments')}/${encodeURIComponent(name)}`
      return write({ client, path: where, read, now }, wanted, settings)
    },

    async *evidence(service, signal) {
      const { find, raw } = await look(signal)
      const found = find(service)
      if (found) yield* evidenceOf({ client, service, owned: found, raw, path, signal })
    },
  }
}

const kinds = {
  deployments: ['apis/apps/v1', 'deployments', Deployment],
  replicasets: ['apis/apps/v1', 'replicasets', ReplicaSet],
  pods: ['api/v1', 'pods', Pod],
  hpas: ['apis/autoscaling/v2', 'horizontalpodautoscalers', Autoscaler],
} as const

/** `raw`: as it came, with what nobody here reads. */
type Listed<T> = { readonly raw: readonly unknown[]; readonly items: readonly T[] }

function present<T>(
  services: readonly string[],
  find: (service: string) => Owned | undefined,
  told: (service: string, found: Owned) => T,
): T[] {
  return services.flatMap((service) => {
    const found = find(service)
    return found ? [told(service, found)] : []
  })
}
