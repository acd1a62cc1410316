import type { Infeasible, Plan, PlannedStep, PlanRequest } from './plan.ts'
import { stepMayHaveWritten, type Run } from './run.ts'

/** One person's signature on a plan's digest. */
export type Approval = {
  readonly by: string
  /** The same for two accounts of one human, where Slack tells; else the account. */
  readonly human: string
  readonly digest: string
  readonly at: string
  readonly expiresAt: string
}

/** Why a plan that was proposed will not be carried out. */
export type PlanEnd =
  | { readonly kind: 'infeasible'; readonly because: Infeasible['because']; readonly at: string }
  | { readonly kind: 'denied'; readonly by: string; readonly at: string }
  | { readonly kind: 'voided'; readonly because: readonly string[]; readonly at: string }
  /** A newer plan took its place, or the incident was closed. */
  | { readonly kind: 'withdrawn'; readonly by: string; readonly at: string }

/** What was done while people decide, and how it went. */
export type Prepared = { readonly ok: boolean; readonly says: string; readonly at: string }

/** A plan's life: asked for, proposed, signed, carried out. Folded from events. */
export type PlanState = {
  /** 1, 2, 3… within the incident. */
  readonly number: number
  readonly request: PlanRequest
  readonly requestedBy: string
  readonly requestedByHuman: string
  readonly requestedAt: string
  readonly plan: Plan | null
  readonly proposedAt: string
  /** When its card stood in Slack: before that nobody can have read it. */
  readonly shownAt: string | null
  readonly evidence: Prepared | null
  readonly rehearsal: Prepared | null
  readonly approvals: readonly Approval[]
  /** Who was asked to read it once more. */
  readonly doubted: readonly string[]
  readonly escalations: number
  /** The incident whose run writes to the same target, while this one waits for it. */
  readonly heldBy: string | null
  readonly ended: PlanEnd | null
  readonly run: Run | null
}

/** The steps of its run that have written, or may have. */
export function writtenSteps({ plan, run }: PlanState): readonly PlannedStep[] {
  const steps = plan?.steps ?? []
  return steps.filter((_, index) => {
    const step = run?.steps[index]
    return step !== undefined && stepMayHaveWritten(step)
  })
}

/** Proposed, and still waiting for signatures or for its run to begin. */
export function isGateOpen(state: PlanState): boolean {
  return state.plan !== null && state.ended === null && state.run === null
}

/** What a write may destroy is kept before it; a switch that is only read back destroys nothing. */
export function wantsEvidence({ request }: PlanState): boolean {
  return request.kind !== 'maintenance'
}

export function newPlanState(
  asked: Pick<PlanState, 'number' | 'request' | 'requestedBy' | 'requestedByHuman' | 'requestedAt'>,
): PlanState {
  return {
    ...asked,
    plan: null,
    proposedAt: '',
    shownAt: null,
    evidence: null,
    rehearsal: null,
    approvals: [],
    doubted: [],
    escalations: 0,
    heldBy: null,
    ended: null,
    run: null,
  }
}
