import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ApiClient } from './client.ts'

const count = z.number().default(0)

const rolloutSchema = z.object({
  metadata: z.object({ generation: z.number() }),
  spec: z.object({ replicas: z.number() }),
  status: z.object({
    observedGeneration: count,
    replicas: count,
    updatedReplicas: count,
    availableReplicas: count,
  }),
})

const rolledOut = (deployment: z.infer<typeof rolloutSchema>): boolean => {
  const { metadata, spec, status } = deployment
  return (
    status.observedGeneration >= metadata.generation &&
    status.replicas === spec.replicas &&
    status.updatedReplicas === spec.replicas &&
    status.availableReplicas === spec.replicas
  )
}

/** Who changes it, and what is left there about it. */
type Author = { readonly by: string; readonly cause?: string; readonly commit?: string }

type RolloutOptions = {
  readonly author?: Author
  /** False for an image that is not meant to become ready. */
  readonly wait?: boolean
  /** What its pods are besides their one container. */
  readonly pod?: object
  readonly container?: object
}

export type WorkloadHelpers = {
  readonly createNamespace: (name: string) => Promise<void>
  /** A Deployment with one container, named as it is, labelled `app`, in a namespace made if absent. */
  readonly deploy: (
    namespace: string,
    name: string,
    image: string,
    replicas: number,
    options?: RolloutOptions,
  ) => Promise<void>
  readonly setImage: (
    namespace: string,
    name: string,
    image: string,
    options?: RolloutOptions,
  ) => Promise<void>
  readonly waitForRollout: (namespace: string, name: string) => Promise<void>
}

const deployments = (namespace: string): string =>
  `/apis/apps/v1/namespaces/${namespace}/deployments`

/** With a `nodeName` pods are put on that node; without, the cluster's scheduler decides. */
export const workloadHelpers = (admin: ApiClient, nodeName?: string): WorkloadHelpers => {
  const createNamespace = async (name: string): Promise<void> => {
    const { status, body } = await admin.request('POST', '/api/v1/namespaces', {
      metadata: { name },
    })
    const exists = status === 409
    if (status >= 400 && !exists) throw new Error(`Namespace ${name}: ${JSON.stringify(body)}`)
  }

  const waitForRollout = async (namespace: string, name: string): Promise<void> => {
    const deadline = Date.now() + 20_000
    let seen: unknown
    while (Date.now() < deadline) {
      seen = await admin.must('GET', `${deployments(namespace)}/${name}`)
      if (rolledOut(rolloutSchema.parse(seen))) return
      await sleep(50)
    }
    throw new Error(`${namespace}/${name} did not roll out: ${JSON.stringify(seen)}`)
  }

  const deploy: WorkloadHelpers['deploy'] = async (namespace, name, image, replicas, options) => {
    await createNamespace(namespace)
    const labels = { app: name }
    await admin.must('POST', deployments(namespace), {
      metadata: { name, labels },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            nodeName,
            terminationGracePeriodSeconds: 1,
            ...options?.pod,
            containers: [{ name, image, ...options?.container }],
          },
        },
      },
    })
    if (options?.wait !== false) await waitForRollout(namespace, name)
  }

  const setImage: WorkloadHelpers['setImage'] = async (namespace, name, image, options) => {
    const { by = '', cause, commit } = options?.author ?? {}
    const notes = commit === undefined ? {} : { 'org.opencontainers.image.revision': commit }
    await admin.must(
      'PATCH',
      `${deployments(namespace)}/${name}?fieldManager=${encodeURIComponent(by)}`,
      {
        ...(cause === undefined
          ? {}
          : { metadata: { annotations: { 'kubernetes.io/change-cause': cause } } }),
        spec: {
          template: {
            metadata: { annotations: notes },
            spec: { ...options?.pod, containers: [{ name, image, ...options?.container }] },
          },
        },
      },
      'application/strategic-merge-patch+json',
    )
    if (options?.wait !== false) await waitForRollout(namespace, name)
  }

  return { createNamespace, deploy, setImage, waitForRollout }
}
