import type { NewestChange } from '../domain/workload/newest-change.ts'
import type { Need } from '../domain/workload/need.ts'
import type { OwnerKind } from '../domain/text/product-names.ts'

/** One state a workload can be put into, by identities that cannot be used again. */
export type RevisionId = {
  /** Of the ReplicaSet. */
  readonly uid: string
  readonly templateHash: string
  /** As Kubernetes counts them; a revision that is used again gets a new number. */
  readonly number: number
  /** Of all its containers, the service's own one first. */
  readonly images: readonly string[]
  /**
   * Of the pod template as it would be written, in canonical JSON: a ReplicaSet can be edited, and keeps its
   * names. `undefined`: named by a plan of before templates were signed.
   */
  readonly sha256?: string | undefined
}

/** A workload as a step looks at it right before it writes: what stands, and what could be written. */
export type Sighting = {
  readonly service: string
  /** The Deployment's own name: `backend`. */
  readonly name: string
  /** The Deployment's uid: another one of the same name is another workload. */
  readonly uid: string
  /** Counts the changes of its spec. A write names the one it has seen (J5). */
  readonly generation: number
  readonly replicas: number
  readonly pace: Pace
  readonly paused: boolean
  /** Another controller owns the whole object: `Rollout backend`. */
  readonly ownedBy: string | null
  /** The key under which the last write of ours was made. Others may have changed it since. */
  readonly lastWrite: string | null
  /** Whether nobody but this bot has changed the template since, whatever admission has made of it. */
  readonly templateIsOurs: boolean
  /** The images that a rollback of ours left, and that are not to come again; as it stands written there. */
  readonly lockedImages: readonly string[]
  /** The template that is asked for now; `null` while no ReplicaSet has it yet. */
  readonly current: KeptRevision | null
  /** Earlier ones that still exist, the newest first. */
  readonly previous: readonly KeptRevision[]
}

/** How its pods take the place of each other. */
export type Pace = {
  /** `false`: every pod ends before the first new one is ready, so that nobody is served meanwhile. */
  readonly servesMeanwhile: boolean
  /** How long its newest rollout took, where the cluster still tells that; `null`: it does not. */
  readonly lastTookMs: number | null
  /** How long it may take by what it says of itself. */
  readonly allowedMs: number
}

/** A workload as a plan looks at it: also who else writes, and who did last. */
export type Release = Sighting & {
  readonly changed: NewestChange | null
  /** What serves in its place, while it is kept at 0 as a template: `Flagger canary backend, by backend-primary`. */
  readonly servedBy: string | null
  /** Who would undo or fight a write: Argo CD, Flux, Helm, an autoscaler. */
  readonly managedBy: readonly Manager[]
}

/** What else writes to a workload. */
export type Manager = {
  /** "Argo CD application shop", "autoscaler backend (2–10)" */
  readonly says: string
  /** It decides how many pods there are, and nothing else. */
  readonly scales: boolean
  /** It keeps a history of releases of its own, which learns nothing of what others write. */
  readonly keepsHistory?: boolean
  /** The object that tells it what to keep, as far as the workload says. */
  readonly owner: {
    readonly kind: OwnerKind
    readonly namespace: string | null
    readonly name: string | null
  } | null
}

export type KeptRevision = RevisionId & {
  readonly sha256: string
  /** The same where everything is the same but when its pods were restarted. */
  readonly content: string
  readonly needs: readonly Need[]
  readonly createdAt: string
  /** The pod template exactly as the cluster holds it: what is written back, unread by us. */
  readonly template: unknown
}

/** Where a workload's rollout stands, of the template that is asked for. */
export type Rollout = {
  readonly service: string
  readonly name: string
  readonly uid: string
  readonly templateHash: string | null
  readonly lastWrite: string | null
  /** Whether nobody but this bot has changed the template since, whatever admission has made of it. */
  readonly templateIsOurs: boolean
  readonly desired: number
  /** Pods of that template that are ready. */
  readonly ready: number
  /** Pods of any other template that nobody has told to end. */
  readonly others: number
  /** Pods that are told to end and have not yet, whatever they run, by their names. */
  readonly ending: readonly string[]
  /** Observed, updated, available, and no pod of another template that goes on; at zero: no pod at all. */
  readonly complete: boolean
  /** Where requests go, asked once the rest is complete; `null`: not asked, or it may not be looked at. */
  readonly requests: {
    /** Pods of another template, also ending ones, that still get some. */
    readonly toOthers: readonly string[]
    /** Ready pods of this template that get none. */
    readonly without: readonly string[]
  } | null
  /** It will not come to an end by itself, in the system's own words: `ImagePullBackOff: …`. */
  readonly failed: string | null
  /** What it waits for, in the system's own words. */
  readonly troubles: readonly string[]
}
