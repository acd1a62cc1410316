import type { NamedRelease } from '../base/actor.ts'
import { toMs } from '../base/instant.ts'
import { ownVersion } from '../workload/versions.ts'
import type { Workload } from '../workload/workload.ts'

/** What a service came to run lately, and is watched for it. */
export type NewRelease = NamedRelease & {
  /** Of this rollout alone: every process that sees it calls it so (J2). */
  readonly key: string
}

const MINUTE_MS = 60_000

/**
 * What was deployed within so many minutes, the oldest first. It is read from what runs, and so a restart forgets none.
 * What Backout has written itself is no release: its own watch looks after that.
 */
export function newReleases(
  workloads: readonly Workload[],
  nowMs: number,
  minutes: number,
): readonly NewRelease[] {
  return workloads
    .flatMap((workload) => releaseOf(workload) ?? [])
    .filter(({ deployedAt }) => nowMs - toMs(deployedAt) < minutes * MINUTE_MS)
    .toSorted((a, b) => toMs(a.deployedAt) - toMs(b.deployedAt) || (a.key < b.key ? 1 : -1))
}

/** `null`: nobody knows when it came, or it is none of others. */
function releaseOf(workload: Workload): NewRelease | null {
  const { service, current, changed, templateIsOurs } = workload
  if (!current || !changed || templateIsOurs) return null
  const { kind, since, versionSince, imagesBefore } = changed
  const came = kind === 'restart' ? versionSince : since
  // Seen first when somebody began to look: that was no deploy.
  if (!came || (imagesBefore === null && !came.exact)) return null
  const { uid, number, createdAt } = current
  const version = ownVersion(current) || 'what runs now'
  return {
    key: [service, uid, number, createdAt].join(':'),
    service,
    version: kind === 'settings' ? `${version} with other settings` : version,
    deployedAt: came.time,
  }
}
