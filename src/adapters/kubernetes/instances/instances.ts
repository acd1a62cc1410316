import { Fault } from '../../../domain/base/fault.ts'
import type { Instance, Instances } from '../../../ports/instances.ts'
import type { KubernetesClient } from '../client/client.ts'
import { clusterLook } from '../read/look.ts'
import type { PathOf } from '../read/look.ts'
import type { Pod } from '../read/schema.ts'
import { askPod } from './ask-pod.ts'

export type KubernetesInstancesOptions = {
  readonly client: KubernetesClient
  readonly namespace: string
  /** The Deployment of each service. */
  readonly deployments: Readonly<Record<string, string>>
}

/** The pods of the services' Deployments, and a way through the API server to each of them. */
export function kubernetesInstances(options: KubernetesInstancesOptions): Instances {
  const { client, namespace } = options
  const names = new Map(Object.entries(options.deployments))
  const path: PathOf = (group, kind) =>
    `/${group}/namespaces/${encodeURIComponent(namespace)}/${kind}`
  const lookAt = clusterLook(client, path)
  const deploymentOf = (service: string): string => {
    const name = names.get(service)
    if (name === undefined) throw missing(`no Deployment of the settings runs ${service}`)
    return name
  }

  return {
    async list(service, signal) {
      const name = deploymentOf(service)
      const found = (await lookAt([name], 'pods', signal)).find(name)
      if (!found) throw missing(`there is no Deployment ${name} in namespace ${namespace}`)
      // Those whose ReplicaSet is gone are sent requests all the same.
      return [...found.pods, ...found.strays].filter(isNotOver).map(toInstance)
    },
    async ask(service, pod, question) {
      deploymentOf(service)
      return askPod(client, { pods: path('api/v1', 'pods'), namespace, pod }, question)
    },
  }
}

function isNotOver({ status }: Pod): boolean {
  return status.phase !== 'Succeeded' && status.phase !== 'Failed'
}

/** A kubelet cuts a longer host name off. */
const LONGEST_HOST_NAME = 63

function toInstance({ metadata, spec, status }: Pod): Instance {
  const { name, uid, deletionTimestamp } = metadata
  const host = spec.hostname || name.slice(0, LONGEST_HOST_NAME).replace(/[-.]+$/, '')
  return {
    id: name,
    alsoCalled: [...(host === name ? [] : [host]), uid],
    startedAt: status.startTime ?? null,
    ending: deletionTimestamp !== undefined,
  }
}

function missing(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency: 'kubernetes', detail, code: '404' })
}
