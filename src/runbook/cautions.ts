import type { Release } from '../domain/release.ts'

/** What a person should know before signing a write to this workload. */
export function cautionsOf({ service, managedBy }: Release): string[] {
  return managedBy.map((owner) =>
    /^(autoscaler|KEDA)/.test(owner)
      ? `${service}: ${owner} decides how many pods there are, before and after.`
      : `${service}: ${owner} may put the newer version back. Revert it there, too.`,
  )
}
