import type { Assessment } from '../assessment/assessment.ts'
import { toMs } from '../base/instant.ts'
import type { PlanState } from '../plan/plan-state.ts'
import { isRunning, mayHaveWritten } from '../plan/run.ts'
import { isWatching, type Watch } from '../watch/watch.ts'
import { leadingPlan, type Incident } from './incident.ts'

/** How production stands, by the newest evidence that the journal has; every surface says this. */
export type Standing =
  | { readonly kind: 'closed' }
  /** A plan is being carried out: what was seen before does not hold any more. */
  | { readonly kind: 'running'; readonly plan: PlanState }
  | { readonly kind: 'watched'; readonly watch: Watch }
  /** `afterPlan`: the newest plan that had changed production before it was measured. */
  | {
      readonly kind: 'assessed'
      readonly assessment: Assessment
      readonly afterPlan: number | null
    }
  /** A plan has changed production, and nobody has looked since. */
  | { readonly kind: 'changed'; readonly plan: PlanState; readonly at: string }
  | { readonly kind: 'looking' }
  /** Nothing was measured, and nothing is being measured. */
  | { readonly kind: 'unmeasured' }

export function standingOf(incident: Incident): Standing {
  const { assessment, assessmentDueSince, closed } = incident
  if (closed) return { kind: 'closed' }
  const leading = leadingPlan(incident)
  if (leading && isRunning(leading.run)) return { kind: 'running', plan: leading }
  const changed = newestChange(incident)
  const changedMs = changed ? toMs(changed.at) : -Infinity
  const watch = watchOver(incident, changedMs)
  const assessedMs = assessment ? toMs(assessment.at) : -Infinity
  if (watch && lookedMs(watch) >= assessedMs) return { kind: 'watched', watch }
  if (assessment && assessedMs >= changedMs) {
    return { kind: 'assessed', assessment, afterPlan: changed?.plan.number ?? null }
  }
  if (changed) return { kind: 'changed', ...changed }
  return assessmentDueSince === null ? { kind: 'unmeasured' } : { kind: 'looking' }
}

/** A watch speaks of what a plan has left only if it has looked since, or is about to. */
function watchOver({ watch }: Incident, changedMs: number): Watch | null {
  if (!watch) return null
  const since = isWatching(watch) ? toMs(watch.startedAt) : lookedMs(watch)
  return since >= changedMs ? watch : null
}

function lookedMs({ lookedAt, startedAt }: Watch): number {
  return toMs(lookedAt ?? startedAt)
}

/** The newest plan that may have written, and until when. */
export function newestChange({
  plans,
}: Incident): { readonly plan: PlanState; readonly at: string } | null {
  const changes = plans.flatMap((plan) => {
    const { run } = plan
    if (!run || !mayHaveWritten(run)) return []
    return [{ plan, at: run.ended?.at ?? run.startedAt }]
  })
  return changes.toSorted((a, b) => toMs(a.at) - toMs(b.at)).at(-1) ?? null
}
