import { toMs } from '../base/instant.ts'
import { versionOf, type Revision } from './workload.ts'

/** The versions of all its containers: `v1.9.0`, or `v1.9.0 + v3`. */
export function versionsOf({ images }: Pick<Revision, 'images'>): string {
  return everyVersion({ images }).join(' + ')
}

/** The version of each of its containers. */
export function everyVersion({ images }: Pick<Revision, 'images'>): readonly string[] {
  return [...new Set(images.map(versionOf))]
}

/** Whether both run the very same images, digests included; the order of containers means nothing. */
export function sameImages(
  one: Pick<Revision, 'images'>,
  other: Pick<Revision, 'images'>,
): boolean {
  return one.images.toSorted().join() === other.images.toSorted().join()
}

/** It got a new number without being made anew: one with a lower number is younger. */
export function hasNewNumber(
  { number, createdAt }: Pick<Revision, 'number' | 'createdAt'>,
  others: readonly Pick<Revision, 'number' | 'createdAt'>[],
): boolean {
  return others.some((one) => one.number < number && toMs(one.createdAt) > toMs(createdAt))
}
