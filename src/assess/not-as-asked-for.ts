import { toMs } from '../domain/base/instant.ts'
import type { RolloutSeen } from '../domain/assessment/rollout-seen.ts'
import { ownVersion } from '../domain/workload/versions.ts'
import type { Workload } from '../domain/workload/workload.ts'

/** So long after a change, what does not come up belongs to that change. */
const RECENT_MS = 30 * 60_000

/** How a service differs from what was asked for; `null`: it does not, or too little to decide about. */
export function notAsAskedFor(workload: Workload, nowMs: number): RolloutSeen | null {
  const state = stateOf(workload, nowMs)
  const { service, desired, ready, updated, current, unit = 'pod', troubles } = workload
  if (state === null) return null
  return {
    service,
    version: current && (ownVersion(current) || null),
    state,
    done: Math.min(ready, updated, desired),
    of: desired,
    unit,
    // Nothing goes on until somebody says so.
    because: troubles[0] ?? (workload.paused ? 'paused' : null),
  }
}

function stateOf(workload: Workload, nowMs: number): RolloutSeen['state'] | null {
  const { desired, ready, updated, troubles } = workload
  const isRecent = nowMs - changedMs(workload) < RECENT_MS
  if (updated < desired || (ready < desired && isRecent)) return 'unfinished'
  // Others of the version before may be ready in place of those that are not.
  if (troubles.length > 0 && isRecent) return 'in-trouble'
  return desired > 0 && ready * 2 <= desired ? 'not-ready' : null
}

/** When what is asked for came, as far as anything tells. */
function changedMs({ changed, current }: Workload): number {
  const at = changed?.since?.time ?? current?.createdAt
  const ms = at === undefined ? Number.NaN : toMs(at)
  return Number.isNaN(ms) ? -Infinity : ms
}
