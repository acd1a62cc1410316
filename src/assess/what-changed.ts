import { untilAborted } from '../domain/base/until-aborted.ts'
import type { Assessment } from '../domain/assessment/assessment.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import { compared } from '../domain/workload/compare-url.ts'
import { newestFirst } from '../domain/workload/newest-change.ts'
import { historyOf, type Came } from '../domain/workload/history.ts'
import type { OtherChange } from '../domain/workload/other-change.ts'
import type { Workload } from '../domain/workload/workload.ts'
import type { World } from '../ports/world.ts'

type Newest = NonNullable<Assessment['changes']>

/**
 * How what every service runs last changed, the newest first. Never throws: `null` is not known (J10),
 * and why is said by the probe that asked for the same list.
 */
export async function whatChanged(
  world: Pick<World, 'workloads'>,
  settings: AssessSettings,
  cancelled?: AbortSignal,
): Promise<Newest | null> {
  const running = await runningNow(world, settings, cancelled)
  return running && newestOf(running, settings)
}

export type EverythingChanged = {
  readonly newest: Newest | null
  /** What came to run before, where that is kept. */
  readonly earlier: readonly Came[]
  /** Told by what runs the services. */
  readonly others: readonly OtherChange[]
  /** Told by Backout's own journal. */
  readonly own: readonly OtherChange[]
}

/** The same, with what came before and what else changed. */
export async function everythingThatChanged(
  world: Pick<World, 'workloads' | 'ownChanges'>,
  settings: AssessSettings,
  cancelled?: AbortSignal,
): Promise<EverythingChanged> {
  const [running, own] = await Promise.all([
    runningNow(world, settings, cancelled),
    untilLate(async () => (await world.ownChanges?.list()) ?? [], settings, cancelled),
  ])
  return {
    newest: running && newestOf(running, settings),
    earlier: (running ?? []).flatMap(cameBefore),
    others: (running ?? []).flatMap((one) => one.otherChanges ?? []),
    own: own ?? [],
  }
}

/** Of what runs now `changed` tells. A container's own age is not that of its release. */
function cameBefore(workload: Workload): readonly Came[] {
  if (workload.unit === 'container') return []
  return historyOf({ ...workload, current: null, changed: null }).came
}

function newestOf(running: readonly Workload[], { services }: AssessSettings): Newest {
  const changes = running.flatMap(({ changed }) => (changed ? [changed] : []))
  return newestFirst(changes).map((change) => compared(change, services))
}

async function runningNow(
  { workloads }: Pick<World, 'workloads'>,
  settings: AssessSettings,
  cancelled?: AbortSignal,
): Promise<readonly Workload[] | null> {
  const { deployed } = settings
  if (!workloads || !deployed) return null
  return untilLate((signal) => workloads.list(deployed.services, signal), settings, cancelled)
}

/** `null`: it could not be read in time. */
async function untilLate<Read>(
  read: (signal: AbortSignal) => Promise<Read>,
  { deadlineMs }: AssessSettings,
  cancelled?: AbortSignal,
): Promise<Read | null> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const signal = cancelled ? AbortSignal.any([deadline, cancelled]) : deadline
  try {
    return await untilAborted(read(signal), signal)
  } catch {
    return null
  }
}
