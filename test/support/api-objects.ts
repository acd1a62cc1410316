import type { ApiObject, Labels } from './fake-api-server.ts'

type Selector = {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly object[]
}

const at = '2026-11-22T12:00:00Z'

const controlledBy = (kind: string, name: string) => [
  { kind, name, uid: `uid-${name}`, controller: true },
]

/** A Deployment with one ReplicaSet, `<name>-1`. Its pods have these labels. */
export const deploymentOf = (
  name: string,
  labels: Labels,
  selector: Selector = { matchLabels: labels },
): { readonly deployment: ApiObject; readonly replicaSet: ApiObject } => {
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'app', image: `example.test/${name}:v1` }] },
  }
  return {
    deployment: {
      metadata: { name, uid: `uid-${name}`, generation: 1, creationTimestamp: at } as never,
      spec: { replicas: 1, selector, template },
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    },
    replicaSet: {
      metadata: {
        name: `${name}-1`,
        uid: `uid-${name}-1`,
        creationTimestamp: at,
        labels,
        ownerReferences: controlledBy('Deployment', name),
      } as never,
      spec: { template },
    },
  }
}

/** A pod of this ReplicaSet, ready; as large as real ones are when `padding` says so. */
export const podOf = (
  replicaSet: string,
  labels: Labels,
  { number = 1, padding = 0 }: { readonly number?: number; readonly padding?: number } = {},
): ApiObject => ({
  metadata: {
    name: `${replicaSet}-${number}`,
    uid: `uid-${replicaSet}-${number}`,
    creationTimestamp: at,
    labels,
    annotations: padding > 0 ? { 'example.com/notes': 'x'.repeat(padding) } : {},
    ownerReferences: controlledBy('ReplicaSet', replicaSet),
  } as never,
  spec: { containers: [{ name: 'app', image: 'example.test/app:v1' }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
})
