import type { Deployment, Metadata, Pod, ReplicaSet } from './schema.ts'

/** A Deployment and what it made, told by uid: names and labels can be those of somebody else. */
export type Owned = {
  readonly deployment: Deployment
  readonly replicaSets: readonly ReplicaSet[]
  readonly pods: readonly Pod[]
}

export function owned(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  pods: readonly Pod[],
): Owned {
  const ours = replicaSets.filter(
    (one) => controllerOf(one.metadata)?.uid === deployment.metadata.uid,
  )
  const uids = new Set(ours.map((one) => one.metadata.uid))
  const theirPods = pods.filter((pod) => uids.has(controllerOf(pod.metadata)?.uid ?? ''))
  return { deployment, replicaSets: ours, pods: theirPods }
}

export function controllerOf(metadata: Metadata): Metadata['ownerReferences'][number] | undefined {
  return metadata.ownerReferences.find((owner) => owner.controller)
}
