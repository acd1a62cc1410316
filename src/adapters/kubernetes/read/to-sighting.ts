import type { Sighting } from '../../../ports/deployment-state.ts'
import { ownerOf } from './managed-by.ts'
import { lockedImagesIn } from './lock-marks.ts'
import { paceOf } from './pace.ts'
import type { Owned } from './ownership.ts'
import { revisionsOf } from './revisions.ts'
import { templateIsOurs } from './template-is-ours.ts'

/** Where a write leaves the key it was made under. */
export const lastWriteAnnotation = 'backout.dev/last-write'

export function toSighting(service: string, owned: Owned, own: string): Sighting {
  const { metadata, spec } = owned.deployment
  return {
    service,
    name: metadata.name,
    uid: metadata.uid,
    generation: metadata.generation,
    replicas: spec.replicas,
    pace: paceOf(owned),
    paused: spec.paused,
    ownedBy: ownerOf(metadata),
    lastWrite: metadata.annotations[lastWriteAnnotation] ?? null,
    templateIsOurs: templateIsOurs(owned),
    lockedImages: lockedImagesIn(metadata),
    ...revisionsOf(owned, own),
  }
}
