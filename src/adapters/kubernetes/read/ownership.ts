import type { Deployment, Metadata, Pod, ReplicaSet } from './schema.ts'
import { selects } from './selector.ts'

/** A Deployment and what it made, told by uid: names and labels can be those of somebody else. */
export type Owned = {
  readonly deployment: Deployment
  readonly replicaSets: readonly ReplicaSet[]
  readonly pods: readonly Pod[]
  /** Pods it selects whose ReplicaSet is gone: they run on, or are still ending. */
  readonly strays: readonly Pod[]
  /** ReplicaSets of other controllers whose pods it selects: they serve beside it, or in its place. */
  readonly foreign: readonly ReplicaSet[]
}

export function owned(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  pods: readonly Pod[],
): Owned {
  const ours = replicaSets.filter(
    (one) => controllerOf(one.metadata)?.uid === deployment.metadata.uid,
  )
  const existing = new Set(replicaSets.map((one) => one.metadata.uid))
  const isStray = ({ metadata }: Pod): boolean => {
    const controller = controllerOf(metadata)
    const left = !controller || (controller.kind === 'ReplicaSet' && !existing.has(controller.uid))
    return left && selects(deployment.spec.selector, metadata.labels)
  }
  const strays = pods.filter(isStray)
  const foreign = replicaSets.filter(
    (one) => !ours.includes(one) && selects(deployment.spec.selector, one.metadata.labels),
  )
  const made = ours.flatMap((one) => podsOf(one, pods))
  return { deployment, replicaSets: ours, pods: made, strays, foreign }
}

/** The pods that this ReplicaSet made. */
export function podsOf({ metadata }: ReplicaSet, pods: readonly Pod[]): Pod[] {
  return pods.filter((pod) => controllerOf(pod.metadata)?.uid === metadata.uid)
}

export function controllerOf(metadata: Metadata): Metadata['ownerReferences'][number] | undefined {
  return metadata.ownerReferences.find((owner) => owner.controller)
}
