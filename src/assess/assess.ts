import type { Assessment } from '../domain/assessment/assessment.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import type { Symptom } from '../domain/assessment/symptom.ts'
import type { Feasibility } from '../domain/plan/feasibility.ts'
import { overallVerdict } from '../domain/assessment/verdict.ts'
import type { World } from '../ports/world.ts'
import { closestFlip, conclude, recommend } from './conclude.ts'
import { evaluate } from './matrix.ts'
import { probes } from './probes/index.ts'
import { takeMeasurements } from './take-measurements.ts'
import { whatChanged } from './what-changed.ts'

/** Which ways back could be planned now. Never throws; may share what the probes read. */
export type ReadFeasibility = (world: World) => Promise<readonly Feasibility[]>

/**
 * Measures, judges and recommends. Never throws for what the world does: a dependency that does not
 * answer is a measurement of its own.
 */
export async function assess(
  world: World,
  settings: AssessSettings,
  symptoms: readonly Symptom[],
  feasibility: ReadFeasibility,
  cancelled?: AbortSignal,
): Promise<Assessment> {
  const startedMs = world.clock.now()
  const sharing = { ...world, workloads: world.workloads && listingOnce(world.workloads) }
  const [measurements, procedures, changes] = await Promise.all([
    takeMeasurements(probes, sharing, settings, cancelled),
    feasibility(sharing),
    whatChanged(sharing, settings, cancelled),
  ])
  const { matrix, clearsCache } = settings
  const rules = evaluate({ symptoms, measurements, procedures, clearsCache, settings: matrix })
  const conclusion = conclude(rules)
  return {
    at: new Date(startedMs).toISOString(),
    symptoms: [...symptoms],
    measurements: [...measurements],
    rules: [...rules],
    decision: conclusion.decision,
    verdict: overallVerdict(measurements.map(({ verdict }) => verdict)),
    reasons: [...conclusion.reasons],
    closestFlip: closestFlip(rules),
    recommended: recommend(conclusion, procedures),
    procedures: [...procedures],
    tookMs: world.clock.now() - startedMs,
    // Where nothing could tell it, nothing is said to be unknown.
    ...(world.workloads && settings.deployed ? { changes } : {}),
  }
}

/** Several questions need the same list; within one assessment it is read once. */
function listingOnce(workloads: NonNullable<World['workloads']>): NonNullable<World['workloads']> {
  const listed = new Map<string, ReturnType<typeof workloads.list>>()
  const list: typeof workloads.list = (services, signal) => {
    const key = services.toSorted().join()
    const before = listed.get(key)
    if (before) return before
    const asked = workloads.list(services, signal)
    listed.set(key, asked)
    return asked
  }
  return { ...workloads, list }
}
