import { z } from 'zod'
import type { Rollout } from '../../../ports/deployment-state.ts'
import type { Deployments } from '../../../ports/deployments.ts'
import type { KubernetesClient } from '../client/client.ts'
import { evidenceOf } from '../evidence/evidence.ts'
import { podLogs } from '../evidence/logs.ts'
import { clusterLook } from './look.ts'
import type { Depth, PathOf } from './look.ts'
import { canaryOf, managedBy, primaryOf, rolloutOf } from './managed-by.ts'
import { needsSeen } from './needs.ts'
import { newestChange } from './newest-change.ts'
import type { Owned } from './ownership.ts'
import { listInPages } from './pages.ts'
import { Autoscaler, Deployment, listOf, parseAnswer } from './schema.ts'
import { EndpointSlice, servedPods, unlessForbidden } from './served.ts'
import { toRollout } from './to-rollout.ts'
import { toSighting } from './to-sighting.ts'
import { toWorkload } from './to-workload.ts'
import { write } from '../write/write.ts'

export type KubernetesWorkloadsOptions = {
  readonly client: KubernetesClient
  readonly namespace: string
  /** The Deployment of each service. */
  readonly deployments: Readonly<Record<string, string>>
  /** A service's own container, where it is not called like the service. */
  readonly containers?: Readonly<Record<string, string>>
  /** For the time that a restart leaves on its pods. */
  readonly now?: () => number
}

/** A few lists, however many services there are; what they hold is told apart by uid. */
export function kubernetesWorkloads(options: KubernetesWorkloadsOptions): Deployments {
  const { client, namespace, now = Date.now } = options
  const names = new Map(Object.entries(options.deployments))
  const path: PathOf = (group, kind) =>
    `/${group}/namespaces/${encodeURIComponent(namespace)}/${kind}`
  const lookAt = clusterLook(client, path)
  const deployments = path('apis/apps/v1', 'deployments')
  const deploymentNamed = async (
    name: string,
    signal: AbortSignal,
  ): Promise<Deployment | undefined> => {
    const query = { fieldSelector: `metadata.name=${name}`, limit: 1 }
    const answer = await client.get(deployments, { signal, query })
    return parseAnswer(listOf(Deployment), answer, 'deployments').items[0]
  }
  const ownContainer = (service: string): string => options.containers?.[service] ?? service

  /** What the cluster holds now of these services. */
  const look = async (services: readonly string[], depth: Depth, signal: AbortSignal) => {
    const wanted = services.flatMap((service) => names.get(service) ?? [])
    const { find, raw } = await lookAt(wanted, depth, signal)
    return { raw, find: (service: string) => find(names.get(service)) }
  }
  const autoscalers = (signal: AbortSignal): Promise<Autoscaler[]> =>
    listInPages(client, path('apis/autoscaling/v2', hpas), { signal }, (items) =>
      parseAnswer(z.array(Autoscaler), items, hpas),
    )

  /** Only what is kept at 0 may have somebody else serve in its place. */
  const servers = async (
    services: readonly string[],
    find: (service: string) => Owned | undefined,
    signal: AbortSignal,
  ): Promise<(service: string) => string | null> => {
    const told = await Promise.all(
      services.map(async (service) => {
        const found = find(service)
        if (found?.deployment.spec.replicas !== 0) return [service, null] as const
        const primary = () => deploymentNamed(primaryOf(found.deployment), signal)
        return [service, rolloutOf(found) ?? canaryOf(await primary())] as const
      }),
    )
    const byService = new Map(told)
    return (service) => byService.get(service) ?? null
  }
  const endpointSlices = (signal: AbortSignal): Promise<EndpointSlice[]> =>
    listInPages(client, path('apis/discovery.k8s.io/v1', slices), { signal }, (items) =>
      parseAnswer(z.array(EndpointSlice), items, slices),
    )

  return {
    async list(services, signal) {
      const asked = [look(services, 'pods', signal), autoscalers(signal)] as const
      const [{ find }, scalers] = await Promise.all(asked)
      const servedBy = await servers(services, find, signal)
      return present(services, find, (service, found) =>
        toWorkload(service, found, {
          own: ownContainer(service),
          servedBy: servedBy(service),
          managers: managedBy(found.deployment, namespace, scalers),
        }),
      )
    },

    async logs(service, { signal, ...wanted }) {
      const found = (await look([service], 'pods', signal)).find(service)
      if (!found) return []
      const { name } = found.deployment.metadata
      const pods = { path: path('api/v1', 'pods'), name, pods: found.pods }
      return podLogs(client, { ...pods, ...wanted, signal })
    },

    async releases(services, signal) {
      const asked = [look(services, 'revisions', signal), autoscalers(signal)] as const
      const [{ find }, scalers] = await Promise.all(asked)
      const servedBy = await servers(services, find, signal)
      return present(services, find, (service, found) => {
        const sighting = toSighting(service, found, ownContainer(service))
        return {
          ...sighting,
          changed: newestChange(service, found, sighting),
          servedBy: servedBy(service),
          managedBy: managedBy(found.deployment, namespace, scalers),
        }
      })
    },

    async sightings(services, signal) {
      const { find } = await look(services, 'revisions', signal)
      return present(services, find, (service, found) =>
        toSighting(service, found, ownContainer(service)),
      )
    },

    needs: (needs, signal) => needsSeen(client, path, needs, signal),

    async rollouts(services, signal) {
      const { find } = await look(services, 'pods', signal)
      const rollouts = present(services, find, (service, found) => toRollout(service, found))
      if (!rollouts.some(isAllThere)) return rollouts
      // Only then is it worth the question where requests go.
      const served = await endpointSlices(signal).then(servedPods, unlessForbidden)
      return present(services, find, (service, found) => toRollout(service, found, served))
    },

    write(wanted, settings) {
      const { name } = wanted.seen
      const read = () => deploymentNamed(name, settings.signal)
      const where = `${deployments}/${encodeURIComponent(name)}`
      return write({ client, path: where, read, now }, wanted, settings)
    },

    async *evidence(service, signal) {
      const { find, raw } = await look([service], 'manifests', signal)
      const found = find(service)
      if (found) yield* evidenceOf({ client, service, owned: found, raw, path, signal })
    },
  }
}

const hpas = 'horizontalpodautoscalers'
const slices = 'endpointslices'

function isAllThere({ complete, ready, desired }: Rollout): boolean {
  return complete && ready === desired && desired > 0
}

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
