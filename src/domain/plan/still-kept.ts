import type { PlanState } from './plan-state.ts'
import { stepMayHaveWritten } from './run.ts'

export type StillKept = {
  /** "the containers that were replaced" */
  readonly what: string
  /** The newest plan that has left it. */
  readonly plan: number
}

/**
 * What plans have kept for a way back and no plan of the same incident has removed. It may have been removed from
 * another incident, or by hand: that the journal does not know.
 */
export function stillKept(plans: readonly PlanState[]): readonly StillKept[] {
  const left = new Map<string, number>()
  for (const { number, plan, run } of plans) {
    for (const [at, { keeps, removesKept }] of (plan?.steps ?? []).entries()) {
      const step = run?.steps[at]
      if (!step) continue
      if (removesKept !== undefined && step.kind === 'succeeded') left.delete(removesKept)
      if (keeps !== undefined && stepMayHaveWritten(step)) left.set(keeps, number)
    }
  }
  return [...left].map(([what, plan]) => ({ what, plan }))
}
