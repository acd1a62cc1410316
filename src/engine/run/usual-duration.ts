import type { Incident } from '../../domain/incident/incident.ts'
import type { PlanRequest } from '../../domain/plan/plan.ts'

/** How long such plans took that went well, by the median; `null` when none ever did. */
export function usualMs(kind: PlanRequest['kind'], incidents: readonly Incident[]): number | null {
  const took = incidents
    .flatMap(({ plans }) => plans)
    .filter(({ request, run }) => request.kind === kind && run?.ended?.outcome === 'succeeded')
    .map(({ run }) => Date.parse(run?.ended?.at ?? '') - Date.parse(run?.startedAt ?? ''))
    .toSorted((a, b) => a - b)
  return took[Math.floor(took.length / 2)] ?? null
}
