import type { FlagValue } from '../domain/plan/flag-value.ts'
import type { Need, NeedSeen } from '../domain/workload/need.ts'
import type { KeptRevision, Release, Rollout, Sighting } from './deployment-state.ts'
import type { Workloads } from './workloads.ts'

/** A write to one workload. It is refused by the target unless `seen` still stands there (J5). */
export type WorkloadWrite = {
  readonly seen: Pick<Sighting, 'name' | 'uid' | 'generation'>
  readonly change:
    | {
        readonly kind: 'template'
        readonly to: KeptRevision
        /** Left out: the mark that stands there stays. */
        readonly lock?: DeployLockMark
      }
    | { readonly kind: 'replicas'; readonly to: number }
    /** One variable of one container: nothing else of the template is written. */
    | { readonly kind: 'variable'; readonly of: VariablePlace; readonly to: FlagValue }
    /** New pods of the same template, as `kubectl rollout restart` makes them. */
    | { readonly kind: 'restart' }
}

/** Where a variable stands in the template that was seen, counted from 0. */
export type VariablePlace = {
  readonly name: string
  readonly container: { readonly at: number; readonly name: string }
  /** The entry that sets it, and to what; `null`: none does. */
  readonly entry: { readonly at: number; readonly value: string } | null
  /** Whether the container has any entry. */
  readonly hasEntries: boolean
}

/** Left on the workload for whoever deploys next: the images that are not to come again. None lifts it. */
export type DeployLockMark = {
  readonly images: readonly string[]
  /** This write leaves one of them: who did that, and when, is written anew. */
  readonly renewed: boolean
}

export type WriteOptions = {
  /** Left on the workload, so that whoever looks later can tell who made the last change. */
  readonly key: string
  /** In words, for the workload's history: `backout 20261122-abcd plan 1, signed by …`. */
  readonly cause: string
  /** The target checks and does nothing. */
  readonly dryRun: boolean
  readonly signal: AbortSignal
  /** After this moment it is not sent any more (J7), by the clock on the wall; left out: whenever. */
  readonly sendBeforeMs?: number | undefined
}

export type Written =
  /**
   * Accepted; what the target then does is for {@link Deployments.rollouts} to see. `admitted`: of a dry run
   * of a template, as it would be taken, with what admission adds.
   */
  | { readonly kind: 'written'; readonly admitted?: unknown }
  /** `seen` does not stand there any more: nothing was written. */
  | { readonly kind: 'changed-meanwhile' }
  /** The target refuses it: admission, quota, permission. `because` is in its own words. */
  | { readonly kind: 'refused'; readonly because: string }
  /** A dry run is not possible there; that says nothing of the write. */
  | { readonly kind: 'dry-run-unavailable'; readonly because: string }

/** Where the services run as Deployments, with every revision that is kept. Throws a `Fault` when it could not be asked. */
export type Deployments = Workloads & {
  /** What a plan rests on, in as few questions as can be; absent services are left out. */
  releases(services: readonly string[], signal: AbortSignal): Promise<readonly Release[]>
  /** The same without who else writes, which costs a question of its own and decides no write. */
  sightings(services: readonly string[], signal: AbortSignal): Promise<readonly Sighting[]>
  /** Whether each of them is there, without reading what it holds. */
  needs(needs: readonly Need[], signal: AbortSignal): Promise<readonly NeedSeen[]>
  /** Where the rollouts stand; absent services are left out. */
  rollouts(services: readonly string[], signal: AbortSignal): Promise<readonly Rollout[]>
  /**
   * Writes to one workload, once: never sent again by itself. Throws a `Fault` of kind
   * `unknown-outcome` when it was sent and no answer came: look before writing again (J4).
   */
  write(write: WorkloadWrite, options: WriteOptions): Promise<Written>
}
