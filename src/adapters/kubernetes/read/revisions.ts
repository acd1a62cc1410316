import { createHash } from 'node:crypto'
import { canonicalJson } from '../../../domain/text/canonical-json.ts'
import type { KeptRevision } from '../../../ports/deployment-state.ts'
import type { Owned } from './ownership.ts'
import type { Metadata, ReplicaSet, Template } from './schema.ts'
import { needsOf } from './needs.ts'
import { sameTemplate, withoutHash, withoutRestart } from './templates.ts'

/**
 * The ReplicaSet that has the Deployment's template. The revision number tells it too, but only
 * once the controller has seen the change. Of several it is the oldest, as the controller has it.
 */
export function currentOf({ deployment, replicaSets }: Owned): ReplicaSet | undefined {
  return replicaSets
    .filter(({ spec }) => sameTemplate(spec.template, deployment.spec.template))
    .toSorted((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))[0]
}

/** What a Deployment asks for, and what it can be returned to, the newest first. */
export type Revisions = {
  readonly current: KeptRevision | null
  readonly previous: readonly KeptRevision[]
}

/** A ReplicaSet that is used again gets a new number: only its uid stays. */
export function revisionsOf(owned: Owned, own: string): Revisions {
  const revisionOf = (set: ReplicaSet): KeptRevision => toRevision(set, own)
  const current = currentOf(owned)
  const previous = owned.replicaSets.filter(
    (one) => one !== current && one.metadata.deletionTimestamp === undefined,
  )
  return {
    current: current ? revisionOf(current) : null,
    previous: previous.map(revisionOf).toSorted((a, b) => b.number - a.number),
  }
}

/** The newest one that has not the Deployment's template. */
export function newestOther(owned: Owned): ReplicaSet | undefined {
  const current = currentOf(owned)
  return owned.replicaSets
    .filter((one) => one !== current)
    .toSorted((a, b) => numberOf(b.metadata) - numberOf(a.metadata))[0]
}

function toRevision({ metadata, spec }: ReplicaSet, own: string): KeptRevision {
  const template = withoutHash(spec.template)
  return {
    number: numberOf(metadata),
    uid: metadata.uid,
    templateHash: hashOf(metadata),
    images: ownFirst(spec.template.spec.containers, own).map(({ image = '' }) => image),
    createdAt: metadata.creationTimestamp,
    template,
    sha256: digestOf(template),
    content: digestOf(withoutRestart(template)),
    needs: needsOf(template),
  }
}

function digestOf(template: Template): string {
  return createHash('sha256').update(canonicalJson(template)).digest('hex')
}

/** Its own container is called so, or else is the first. */
function ownFirst<Container extends { readonly name?: string | undefined }>(
  containers: readonly Container[],
  own: string,
): readonly Container[] {
  const [first, ...others] = containers.filter(({ name }) => name === own)
  return first && others.length === 0
    ? [first, ...containers.filter((one) => one !== first)]
    : containers
}

export function hashOf({ labels }: Metadata): string {
  return labels['pod-template-hash'] ?? ''
}

/** 0 where there is none, as kubectl has it. */
function numberOf({ annotations }: Metadata): number {
  const number = Number(annotations['deployment.kubernetes.io/revision'])
  return Number.isSafeInteger(number) ? number : 0
}
