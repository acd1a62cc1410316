import type { RequestKind } from '../../domain/plan/plan-request.ts'
import { hasDone } from '../../domain/plan/run.ts'
import type { Incident } from '../../domain/incident/incident.ts'

/** How long such plans took that went well, by the median; `null` when none ever did. */
export function usualMs(kind: RequestKind, incidents: readonly Incident[]): number | null {
  const took = incidents
    .flatMap(({ plans }) => plans)
    .filter(({ request, run }) => request.kind === kind && hasDone(run))
    .map(({ run }) => Date.parse(run?.ended?.at ?? '') - Date.parse(run?.startedAt ?? ''))
    .toSorted((a, b) => a - b)
  return took[Math.floor(took.length / 2)] ?? null
}
