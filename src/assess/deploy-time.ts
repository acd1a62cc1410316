import { Fault } from '../domain/base/fault.ts'
import type { Workload } from '../domain/workload/workload.ts'
import type { Workloads } from '../ports/workloads.ts'

/** `none`: nothing tells it. `unknown`: somebody does, and could not be asked. */
export type DeployTime =
  | { readonly kind: 'known'; readonly atMs: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly because: string }

/**
 * When what runs now was deployed. Never throws, and answers when the signal ends its time: that costs one
 * baseline, and must not cost the latency itself.
 *
 * A ReplicaSet knows when it was made, not when it was last put to use: going back uses an old one
 * again. So its time is the deploy's only while no other ReplicaSet is as young.
 */
export async function deployTime(
  workloads: Workloads | null,
  services: readonly string[],
  signal: AbortSignal,
): Promise<DeployTime> {
  if (!workloads || services.length === 0) return { kind: 'none' }
  try {
    const running = await workloads.list(services, signal)
    const times = running.map(madeForThisDeploy)
    if (times.length === 0 || !times.every(Number.isFinite)) return { kind: 'none' }
    return { kind: 'known', atMs: Math.max(...times) }
  } catch (error) {
    return { kind: 'unknown', because: error instanceof Fault ? error.detail : 'no answer in time' }
  }
}

/** NaN when the running revision is an older one that was used again, or there is none. */
function madeForThisDeploy({ current, previous }: Workload): number {
  const made = Date.parse(current?.createdAt ?? '')
  return previous.every(({ createdAt }) => Date.parse(createdAt) < made) ? made : Number.NaN
}
