import type { Rollout } from '../../../ports/deployment-state.ts'
import { podsOf } from './ownership.ts'
import type { Owned } from './ownership.ts'
import { currentOf, hashOf } from './revisions.ts'
import { templateIsOurs } from './template-is-ours.ts'
import { lastWriteAnnotation } from './to-sighting.ts'
import { isFinal } from './final-troubles.ts'
import { requestsOf, type Served } from './served.ts'
import type { Condition, Deployment, Pod, ReplicaSet } from './schema.ts'
import {
  hasEnded,
  isEnding,
  isOverdue,
  isReplicaFailure,
  podLines,
  podTroubles,
  textOf,
  unobserved,
} from './troubles.ts'

/** `served`: the pods that Services send to; `null`: not asked. */
export function toRollout(service: string, owned: Owned, served: Served | null = null): Rollout {
  const { deployment } = owned
  const { metadata, spec } = deployment
  const current = currentOf(owned)
  const alive = [...owned.pods, ...owned.strays].filter((pod) => !hasEnded(pod))
  const pods = current ? podsOf(current, alive) : []
  const ours = new Set(pods)
  const strangers = alive.filter((one) => !ours.has(one))
  const others = strangers.filter((one) => !isEnding(one)).length
  const working = pods.filter((one) => isReady(one) && !isEnding(one))
  return {
    service,
    name: metadata.name,
    uid: metadata.uid,
    templateHash: current ? hashOf(current.metadata) : null,
    lastWrite: metadata.annotations[lastWriteAnnotation] ?? null,
    templateIsOurs: templateIsOurs(owned),
    desired: spec.replicas,
    ready: working.length,
    others,
    ending: alive.filter(isEnding).map(({ metadata: { name } }) => name),
    requests: served && requestsOf({ ours: working, others: strangers }, served),
    complete: isComplete(deployment) && (spec.replicas === 0 ? alive.length : others) === 0,
    failed: failureOf(deployment, current, pods),
    troubles: [
      ...deployment.status.conditions.filter(isPaused).map(textOf),
      ...overdue(deployment, current).map(textOf),
      ...(current?.status.conditions.filter(isReplicaFailure).map(textOf) ?? []),
      ...unobserved(deployment),
      ...podLines(pods),
    ],
  }
}

/** https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go */
function isComplete({ metadata, spec, status }: Deployment): boolean {
  return (
    status.observedGeneration >= metadata.generation &&
    status.updatedReplicas === spec.replicas &&
    status.replicas === spec.replicas &&
    status.availableReplicas >= status.updatedReplicas
  )
}

/** The first thing that will not end by itself. */
function failureOf(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  pods: readonly Pod[],
): string | null {
  const ofPods = pods.flatMap(podTroubles).find(isFinal)
  if (ofPods) return ofPods.text
  // Somebody may make room, and pods that end do: a quota is waited for.
  const refused = current?.status.conditions.find(
    (one) => isReplicaFailure(one) && isRefusal(one) && !isQuota(one),
  )
  const [failure] = [...(refused ? [refused] : []), ...overdue(deployment, current)]
  return failure ? textOf(failure) : null
}

/** A quota, or admission; not a webhook that could not be reached. */
function isRefusal({ message }: Condition): boolean {
  return /\bforbidden\b|\bdenied (?:the )?request\b|\bis invalid\b/.test(message)
}

function isQuota({ message }: Condition): boolean {
  return message.includes('exceeded quota')
}

/**
 * The controller keeps the condition of the rollout before until this one has got somewhere, and
 * names the ReplicaSet it was about: no clock is needed to tell them apart.
 */
function overdue(deployment: Deployment, current: ReplicaSet | undefined): Condition[] {
  if (!current || unobserved(deployment).length > 0) return []
  return deployment.status.conditions.filter(
    (one) => isOverdue(one) && one.message.includes(`"${current.metadata.name}"`),
  )
}

function isPaused({ type, reason }: Condition): boolean {
  return type === 'Progressing' && reason === 'DeploymentPaused'
}

function isReady({ status }: Pod): boolean {
  return status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True')
}
