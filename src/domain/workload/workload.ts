import type { Need } from './need.ts'
import type { NewestChange } from './newest-change.ts'
import type { OtherChange } from './other-change.ts'

/** One running thing the team deploys, as read from the world. */
export type Workload = {
  readonly service: string
  /** What it is in its own system: `deployment/backend`. */
  readonly name: string
  /** What there are several of; left out: pods. */
  readonly unit?: 'pod' | 'container'
  readonly desired: number
  readonly ready: number
  readonly updated: number
  readonly restarts: number
  /** Why pods are not ready, in the system's own words. */
  readonly troubles: readonly string[]
  /** What will not come up by itself, in the system's own words; left out: nothing is known to be so. */
  readonly stuck?: string
  readonly paused: boolean
  /** Another controller owns the whole object, and would write over any change of it. */
  readonly ownedBy: string | null
  /** What made what runs now, by its name for people; left out or `null`: nothing tells. */
  readonly madeBy?: string | null
  /** Whether nobody but this bot has changed its template since, whatever admission has made of it. */
  readonly templateIsOurs: boolean
  /** What serves in its place, while it is kept at 0 as a template: `Flagger canary backend, by backend-primary`. */
  readonly servedBy: string | null
  /** Who else changes it, in words. */
  readonly managedBy: readonly string[]
  readonly current: Revision | null
  /** Earlier revisions that still exist, the newest first. */
  readonly previous: readonly Revision[]
  /** How that came to be; `null` while what is asked for is not rolled out, so that it cannot be told. */
  readonly changed: NewestChange | null
  /** What changed beside that; left out: nothing is told of it. */
  readonly otherChanges?: readonly OtherChange[]
}

/** An exact state a workload can be returned to. */
export type Revision = {
  readonly number: number
  /** Identity that cannot be reused. */
  readonly uid: string
  readonly templateHash: string
  /** Of all its containers, the service's own one first. */
  readonly images: readonly string[]
  /** The same where everything is the same but when its pods were restarted. */
  readonly content: string
  readonly needs: readonly Need[]
  readonly createdAt: string
}

/** The tag of an image reference, or its digest when it has no tag: `v1.9.0`. */
export function versionOf(image: string): string {
  const [name = image, digest] = image.split('@')
  const lastPart = name.slice(name.lastIndexOf('/') + 1)
  const colon = lastPart.indexOf(':')
  if (colon >= 0) return lastPart.slice(colon + 1)
  return digest ?? 'latest'
}
