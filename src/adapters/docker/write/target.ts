import type { DockerHost } from '../client/client.ts'
import type { Membership } from '../read/members.ts'
import type { Inspected } from '../read/schema.ts'

/** The container that a write is about, as it was seen right before it. */
export type Target = {
  readonly host: DockerHost
  readonly seen: Inspected
  readonly member: Membership
  readonly signal: AbortSignal
}
