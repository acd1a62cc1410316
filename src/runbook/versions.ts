import type { RevisionId } from '../domain/release.ts'
import { versionOf } from '../domain/workload.ts'

/** The versions of all its containers: `v1.9.0`, or `v1.9.0 + v3`. */
export function versionsOf({ images }: Pick<RevisionId, 'images'>): string {
  return everyVersion({ images }).join(' + ')
}

/** The version of each of its containers. */
export function everyVersion({ images }: Pick<RevisionId, 'images'>): readonly string[] {
  return [...new Set(images.map(versionOf))]
}
