import { untilAborted } from '../domain/base/until-aborted.ts'
import type { Assessment } from '../domain/assessment/assessment.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import { compared } from '../domain/workload/compare-url.ts'
import { newestFirst } from '../domain/workload/newest-change.ts'
import type { World } from '../ports/world.ts'

/**
 * How what every service runs last changed, the newest first. Never throws: `null` is not known (J10),
 * and why is said by the probe that asked for the same list.
 */
export async function whatChanged(
  { workloads }: Pick<World, 'workloads'>,
  { deployed, deadlineMs, services }: AssessSettings,
  cancelled?: AbortSignal,
): Promise<NonNullable<Assessment['changes']> | null> {
  if (!workloads || !deployed) return null
  const deadline = AbortSignal.timeout(deadlineMs)
  const signal = cancelled ? AbortSignal.any([deadline, cancelled]) : deadline
  try {
    const running = await untilAborted(workloads.list(deployed.services, signal), signal)
    const changes = running.flatMap(({ changed }) => (changed ? [changed] : []))
    return newestFirst(changes).map((change) => compared(change, services))
  } catch {
    return null
  }
}
