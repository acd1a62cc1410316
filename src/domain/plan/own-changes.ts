import { toMs } from '../base/instant.ts'
import type { Incident } from '../incident/incident.ts'
import { OURSELVES, type OtherChange } from '../workload/other-change.ts'
import type { PlanState } from './plan-state.ts'
import { stepMayHaveWritten } from './run.ts'

/** What Backout itself changed since then, but for versions: of these the world tells. */
export function ownChanges(
  incidents: readonly Pick<Incident, 'plans'>[],
  sinceMs: number,
): readonly OtherChange[] {
  return incidents
    .flatMap(({ plans }) => plans.flatMap(changeBy))
    .filter(({ since }) => toMs(since.time) >= sinceMs)
}

function changeBy({ plan, run }: PlanState): readonly OtherChange[] {
  const first = run?.steps.find(stepMayHaveWritten)
  if (!plan || !first || first.kind === 'pending') return []
  if (plan.changes.length === 0 || plan.changes.some(({ images }) => images)) return []
  return [
    {
      kind: 'runbook',
      says: `Backout began “${plan.title}”`,
      since: { time: first.kind === 'started' ? first.at : first.startedAt, exact: true },
      by: OURSELVES,
    },
  ]
}
