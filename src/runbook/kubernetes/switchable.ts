import type { KeptRevision, Release } from '../../ports/deployment-state.ts'

/** Whether the pods of a Deployment can be replaced to go by another value of a flag, and what they are made of. */
export function switchable({
  current,
  ownedBy,
  servedBy,
  paused,
}: Release): { readonly problem: string } | { readonly current: KeptRevision } {
  if (ownedBy) return { problem: `${ownedBy} owns it and would write over it` }
  if (servedBy) return { problem: `it serves nobody: ${servedBy} does; switch the flag there` }
  if (paused) return { problem: 'its rollout is paused; resume it first' }
  if (!current) return { problem: 'a change is not rolled out yet; wait for it' }
  return { current }
}
