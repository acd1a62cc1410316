import type { PlanRequest } from './plan-request.ts'
import type { TroubleBegan } from '../assessment/onset.ts'
import type { Actor } from '../base/actor.ts'
import type { Via } from '../base/via.ts'
import type { Infeasible, Plan, PlannedStep } from './plan.ts'
import { REQUESTS } from './requests.ts'
import { isRunning, stepMayHaveWritten, type Progress, type Run } from './run.ts'
import type { SignerRole } from './signature-rule.ts'

/** One person's signature on a plan's digest. */
export type Approval = {
  readonly by: Actor
  /** The same for two accounts of one human, where Slack tells; else the account. */
  readonly human: string
  readonly digest: string
  /** For whom it counts. */
  readonly roles: readonly SignerRole[]
  readonly at: string
  readonly expiresAt: string
  /** Left out: in Slack. */
  readonly via?: Via
  /** As of when their rights were known, where Slack did not answer. */
  readonly rightsAsOf?: string
}

/** Why a plan that was proposed will not be carried out. */
export type PlanEnd =
  | { readonly kind: 'infeasible'; readonly because: Infeasible['because']; readonly at: string }
  | {
      readonly kind: 'denied'
      readonly by: Actor
      readonly at: string
      /** `null`: nobody said why. */
      readonly reason: string | null
    }
  | { readonly kind: 'voided'; readonly because: readonly string[]; readonly at: string }
  /** A newer plan took its place, or the incident was closed. */
  | { readonly kind: 'withdrawn'; readonly by: Actor; readonly at: string }

/** What was done while people decide, and how it went. */
export type Prepared = { readonly ok: boolean; readonly says: string; readonly at: string }

/** A plan's life: asked for, proposed, signed, carried out. Folded from events. */
export type PlanState = {
  /** 1, 2, 3… within the incident. */
  readonly number: number
  readonly request: PlanRequest
  readonly requestedBy: Actor
  readonly requestedByHuman: string
  readonly requestedAt: string
  /** When the trouble began, as it was known then: a plan does not change with every new assessment. */
  readonly began?: TroubleBegan | null
  readonly plan: Plan | null
  readonly proposedAt: string
  /** When its card stood in Slack: before that nobody can have read it. */
  readonly shownAt: string | null
  readonly evidence: Prepared | null
  readonly rehearsal: Prepared | null
  /** What the plan makes ready while people decide; `null` until it is ready, or has failed. */
  readonly preparation: Prepared | null
  /** How far that is. */
  readonly preparing: { readonly says: string; readonly progress: Progress | null } | null
  readonly approvals: readonly Approval[]
  /** Who was asked to read it once more. */
  readonly doubted: readonly string[]
  readonly escalations: number
  /** The plan whose run writes to the same target, while this one waits for it. */
  readonly heldBy: { readonly incident: string; readonly plan: number | null } | null
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

/** Asked for, and neither carried out nor come to nothing: people or the world still have to do with it. */
export function isActive(state: PlanState): boolean {
  return isRunning(state.run) || isWaiting(state)
}

/** Asked for, and neither begun nor come to nothing. */
export function isWaiting({ ended, run }: PlanState): boolean {
  return run === null && ended === null
}

/** What a write may destroy is kept before it. */
export function wantsEvidence({ request }: PlanState): boolean {
  return REQUESTS[request.kind].wantsEvidence
}

/** What a signed plan still waits for, beside its targets; `null`: for nothing. */
export function waitsFor(state: PlanState): 'evidence' | 'preparation' | null {
  if (state.plan?.preparation !== undefined && !state.preparation?.ok) return 'preparation'
  return wantsEvidence(state) && state.evidence === null ? 'evidence' : null
}

export function newPlanState(
  asked: Pick<
    PlanState,
    'number' | 'request' | 'requestedBy' | 'requestedByHuman' | 'requestedAt' | 'began'
  >,
): PlanState {
  return {
    ...asked,
    plan: null,
    proposedAt: '',
    shownAt: null,
    evidence: null,
    rehearsal: null,
    preparation: null,
    preparing: null,
    approvals: [],
    doubted: [],
    escalations: 0,
    heldBy: null,
    ended: null,
    run: null,
  }
}
