import type { ContainerWritten } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { inspected } from '../read/ask.ts'
import type { Known } from '../read/look.ts'
import { membershipOf, type Membership } from '../read/members.ts'
import type { Inspected } from '../read/schema.ts'
import { changed, refused } from './answers.ts'

/** The container that a write is about, as it was seen right before it. */
export type Target = {
  readonly host: DockerHost
  readonly seen: Inspected
  readonly member: Membership
  readonly signal: AbortSignal
}

type Named = { readonly id: string; readonly name: string; readonly member: Membership | null }

/** Why it is never written to, whatever the write; `null`: it may be. */
export function whyLeft({ id, name, member }: Named, ownId: string | null): string | null {
  if (id === ownId) return 'this bot itself runs in that container'
  return member ? null : `${name} belongs to no service of the settings`
}

/** Looked at right before it is written to; or why it is not. */
export async function targetOf(
  host: DockerHost,
  { services, ownId }: Known,
  id: string,
  signal: AbortSignal,
): Promise<Target | ContainerWritten> {
  const [seen, own] = await Promise.all([inspected(host, id, signal), ownId()])
  // The Engine also takes a name or the beginning of an id, and means whoever has it now (J5).
  if (seen?.Id !== id) return changed(`container ${id.slice(0, 12)} is not there any more`)
  const { Name: name, Config: config } = seen
  const member = membershipOf(services, { id, name, labels: config.Labels })
  const why = whyLeft({ id, name, member }, own)
  return why === null && member ? { host, seen, member, signal } : refused(why ?? '')
}
