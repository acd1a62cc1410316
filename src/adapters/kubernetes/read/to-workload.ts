import type { KeptRevision, Manager } from '../../../ports/deployment-state.ts'
import type { Revision, Workload } from '../../../domain/workload/workload.ts'
import { ownerOf } from './managed-by.ts'
import { newestChange } from './newest-change.ts'
import type { Owned } from './ownership.ts'
import { revisionsOf } from './revisions.ts'
import { scaledLast } from './scaled-last.ts'
import { templateIsOurs } from './template-is-ours.ts'
import { toRollout } from './to-rollout.ts'
import type { Pod } from './schema.ts'
import { troublesOf } from './troubles.ts'

export function toWorkload(
  service: string,
  owned: Owned,
  {
    own,
    servedBy,
    managers,
  }: {
    readonly own: string
    readonly servedBy: string | null
    readonly managers: readonly Manager[]
  },
): Workload {
  const { metadata, spec, status } = owned.deployment
  const revisions = revisionsOf(owned, own)
  const { current, previous } = revisions
  const { failed } = toRollout(service, owned)
  // Until the controller has seen the change, its count is of pods with the template before.
  const observed = status.observedGeneration >= metadata.generation
  return {
    service,
    name: `deployment/${metadata.name}`,
    desired: spec.replicas,
    ready: status.readyReplicas,
    updated: observed ? status.updatedReplicas : 0,
    restarts: owned.pods.map(restartsOf).reduce((sum, one) => sum + one, 0),
    troubles: troublesOf(owned),
    ...(failed === null ? {} : { stuck: failed }),
    paused: spec.paused,
    ownedBy: ownerOf(metadata),
    servedBy,
    templateIsOurs: templateIsOurs(owned),
    managedBy: managers.map(({ says }) => says),
    current: current && withoutTemplate(current),
    previous: previous.map(withoutTemplate),
    changed: newestChange(service, owned, revisions),
    otherChanges: scaledLast(service, owned),
  }
}

function withoutTemplate(kept: KeptRevision): Revision {
  const { number, uid, templateHash, images, content, needs, createdAt } = kept
  return { number, uid, templateHash, images, content, needs, createdAt }
}

function restartsOf({ status }: Pod): number {
  return [...status.initContainerStatuses, ...status.containerStatuses].reduce(
    (sum, { restartCount }) => sum + restartCount,
    0,
  )
}
