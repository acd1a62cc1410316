import type { Revision } from '../../domain/workload.ts'
import type { Owned } from './ownership.ts'
import type { Metadata, ReplicaSet } from './schema.ts'

/**
 * The controller writes the number of the running template on the Deployment and on the ReplicaSet
 * that has it. A ReplicaSet that is used again gets a new number: only its uid stays.
 */
export function revisionsOf({ deployment, replicaSets }: Owned): {
  current: Revision | null
  previous: Revision[]
} {
  const number = numberOf(deployment.metadata)
  const revisions = replicaSets.map(revisionOf).toSorted((a, b) => b.number - a.number)
  const current = revisions.find((one) => number > 0 && one.number === number) ?? null
  return { current, previous: revisions.filter((one) => one !== current) }
}

function revisionOf({ metadata, spec }: ReplicaSet): Revision {
  return {
    number: numberOf(metadata),
    uid: metadata.uid,
    templateHash: metadata.labels['pod-template-hash'] ?? '',
    images: spec.template.spec.containers.map(({ image }) => image),
    createdAt: metadata.creationTimestamp,
  }
}

/** 0 where there is none, as kubectl has it. */
function numberOf({ annotations }: Metadata): number {
  const number = Number(annotations['deployment.kubernetes.io/revision'])
  return Number.isSafeInteger(number) ? number : 0
}
