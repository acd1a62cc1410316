import { z } from 'zod'
import type { PlanState } from './plan-state.ts'
import { isGateOpen } from './plan-state.ts'
import type { Person } from '../base/person.ts'
import type { RefusalReason } from '../base/refusal.ts'
import { toMs } from '../base/instant.ts'

const SlackUser = z.string().regex(/^[UW][A-Z0-9]+$/, 'must be a Slack user id like U0123456789')
const SlackGroup = z
  .string()
  .regex(/^S[A-Z0-9]+$/, 'must be a Slack user group id like S0123456789')

/** Who signs, and how long a signature holds. */
export const ApprovalSettings = z.strictObject({
  users: z.array(SlackUser).default([]),
  groups: z.array(SlackGroup).default([]),
  requesterMayApprove: z.boolean().default(false),
  expiresMinutes: z.number().min(1).max(120).default(15),
  /** Signed sooner than this after the card appeared, it is asked once more. */
  readSeconds: z.number().min(0).max(60).default(5),
  /** Whom to call when signatures are missing. */
  escalation: z
    .array(
      z.strictObject({
        afterMinutes: z.number().positive(),
        tell: z.array(z.union([SlackUser, SlackGroup])),
      }),
    )
    .default([
      { afterMinutes: 2, tell: [] },
      { afterMinutes: 4, tell: [] },
    ]),
})
export type ApprovalSettings = z.infer<typeof ApprovalSettings>

/** Who presses *Approve*, as read live from Slack at the click. */
export type Signer = Person & {
  /** The same for two accounts of one human, where Slack tells; else the account. */
  readonly human: string
  /** `unknown`: Slack did not say who is in the approvers' groups. */
  readonly mayApprove: boolean | 'unknown'
}

/**
 * Why this person's signature does not count; `null` when it does. The reasons a person can do
 * something about come first. One pure decision: the whole of J7 that one click can break.
 */
export function whyNotApprove(
  state: PlanState,
  signer: Signer,
  digest: string,
  nowMs: number,
  settings: ApprovalSettings,
): RefusalReason | null {
  if (!isGateOpen(state) || !state.plan) return 'plan-ended'
  if (digest !== state.plan.digest) return 'plan-changed'
  if (signer.mayApprove === 'unknown') return 'rights-unknown'
  if (!signer.mayApprove) return 'not-an-approver'
  if (isRequester(state, signer) && !settings.requesterMayApprove && state.plan.signatures > 1) {
    return 'requester'
  }
  const standing = standingApprovals(state, nowMs)
  if (standing.some(({ by }) => by === signer.id)) return 'already-approved'
  if (standing.some(({ human }) => human === signer.human)) return 'same-human'
  if (isBlind(state, signer.id, nowMs, settings)) return 'read-first'
  return null
}

/** Why this person cannot end the gate; `null` when one word of theirs does. */
export function whyNotDeny(state: PlanState, signer: Signer, digest: string): RefusalReason | null {
  if (!isGateOpen(state) || !state.plan) return 'plan-ended'
  if (digest !== state.plan.digest) return 'plan-changed'
  if (isRequester(state, signer)) return null
  if (signer.mayApprove === 'unknown') return 'rights-unknown'
  return signer.mayApprove ? null : 'not-an-approver'
}

/** The signatures that still hold: for this very digest, and not expired. */
export function standingApprovals({ approvals, plan }: PlanState, nowMs: number) {
  return approvals.filter(
    ({ digest, expiresAt }) => digest === plan?.digest && nowMs < toMs(expiresAt),
  )
}

/** Whether enough distinct humans have signed what is proposed (J7). */
export function isSigned(state: PlanState, nowMs: number): boolean {
  const standing = standingApprovals(state, nowMs)
  const humans = new Set(standing.map(({ human }) => human))
  return state.plan !== null && humans.size >= state.plan.signatures
}

/** The requester's second account is the requester. */
function isRequester(state: PlanState, { id, human }: Signer): boolean {
  return id === state.requestedBy || human === state.requestedByHuman
}

/** Nobody has read a card that has only just appeared; asked once, a person is taken at their word. */
function isBlind(
  { shownAt, doubted }: PlanState,
  by: string,
  nowMs: number,
  { readSeconds }: ApprovalSettings,
): boolean {
  if (doubted.includes(by)) return false
  if (shownAt === null) return readSeconds > 0
  return nowMs < toMs(shownAt) + readSeconds * 1000
}

/** How many of the configured calls for signatures are due now. */
export function escalationsDue(
  state: PlanState,
  nowMs: number,
  { escalation }: ApprovalSettings,
): number {
  if (!isGateOpen(state) || isSigned(state, nowMs)) return 0
  const openMs = nowMs - toMs(state.proposedAt)
  return escalation.filter(({ afterMinutes }) => openMs >= afterMinutes * 60_000).length
}
