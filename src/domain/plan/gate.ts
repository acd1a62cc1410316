import { z } from 'zod'
import { isGateOpen, type Approval, type PlanState } from './plan-state.ts'
import { canBeRead } from './readable.ts'
import { SignerRole, type SignatureRule } from './signature-rule.ts'
import type { Person } from '../base/person.ts'
import type { RefusalReason } from '../base/refusal.ts'
import { toMs } from '../base/instant.ts'

export const SlackUser = z
  .string()
  .regex(/^[UW][A-Z0-9]+$/, 'must be a Slack user id like U0123456789')
export const SlackGroup = z
  .string()
  .regex(/^S[A-Z0-9]+$/, 'must be a Slack user group id like S0123456789')

/** Who signs, and how long a signature holds. */
export const ApprovalSettings = z.strictObject({
  users: z.array(SlackUser).default([]),
  groups: z.array(SlackGroup).default([]),
  requesterMayApprove: z.boolean().default(false),
  expiresMinutes: z.number().min(1).max(120).default(15),
  /** Lacking signatures for so long, a plan comes to nothing. */
  openHours: z.number().min(1).max(168).default(24),
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
  /** Whose signature a change of data needs, beside the approvers'; left empty, it needs none. */
  dataOwners: z
    .strictObject({
      users: z.array(SlackUser).default([]),
      groups: z.array(SlackGroup).default([]),
    })
    .default({ users: [], groups: [] }),
})
export type ApprovalSettings = z.infer<typeof ApprovalSettings>

/** Who presses *Approve*, as read live from Slack at the click. */
export type Signer = Person & {
  /** The same for two accounts of one human, where Slack tells; else the account. */
  readonly human: string
  /** For whom their signature counts. `unknown`: Slack did not say who is in the groups. */
  readonly roles: Readonly<Record<SignerRole, boolean | 'unknown'>>
  /** As of when that is known, where Slack did not answer; left out: it did. */
  readonly rightsAsOf?: string
  /** Whether they may tell the public; left out where it was not asked. */
  readonly publishes?: boolean | 'unknown'
}

/** Why this person may not tell those outside, or that nobody knows it; `null` when they may. */
export function whyNotPublish(
  { publishes = 'unknown' }: Signer,
  otherwise: RefusalReason,
): RefusalReason | null {
  if (publishes === 'unknown') return 'rights-unknown'
  return publishes ? null : otherwise
}

/** Somebody of whom it was not asked what they may sign. */
export const NO_ROLES_ASKED: Signer['roles'] = { approvers: 'unknown', 'data-owners': 'unknown' }

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
  if (!canBeRead(state.plan)) return 'plan-too-long'
  const rules = state.plan.signatures
  const theirs = rules.filter(({ from }) => signer.roles[from] === true)
  if (theirs.length === 0) return noRole(rules, signer)
  const asksForItself = isRequester(state, signer) && !settings.requesterMayApprove
  if (asksForItself && !theirs.every(({ requesterCounts }) => requesterCounts)) return 'requester'
  const standing = standingApprovals(state, nowMs)
  if (standing.some(({ by }) => by === signer.id)) return 'already-approved'
  if (standing.some(({ human }) => human === signer.human)) return 'same-human'
  if (theirs.every((rule) => isMet(rule, standing))) return 'another-role-wanted'
  if (isBlind(state, signer.id, nowMs, settings)) return 'read-first'
  return null
}

/** Whoever may sign nothing that is asked for, as far as Slack says. */
function noRole(rules: readonly SignatureRule[], { roles }: Signer): RefusalReason {
  return rules.some(({ from }) => roles[from] === 'unknown') ? 'rights-unknown' : 'not-an-approver'
}

/** The roles that a signature of this person counts for. */
export function rolesOf({ roles }: Signer): readonly SignerRole[] {
  return SignerRole.options.filter((role) => roles[role] === true)
}

/** Why this person cannot end the gate; `null` when one word of theirs does. */
export function whyNotDeny(state: PlanState, signer: Signer, digest: string): RefusalReason | null {
  if (!isGateOpen(state) || !state.plan) return 'plan-ended'
  if (digest !== state.plan.digest) return 'plan-changed'
  if (isRequester(state, signer) || rolesOf(signer).length > 0) return null
  return noRole(state.plan.signatures, signer)
}

/** The signatures that still hold: for this very digest, and not expired. */
export function standingApprovals({ approvals, plan }: PlanState, nowMs: number) {
  return approvals.filter(
    ({ digest, expiresAt }) => digest === plan?.digest && nowMs < toMs(expiresAt),
  )
}

/** Whether enough distinct humans have signed what is proposed (J7). */
export function isSigned(state: PlanState, nowMs: number): boolean {
  const { plan } = state
  if (!plan) return false
  const standing = standingApprovals(state, nowMs)
  return plan.signatures.every((rule) => isMet(rule, standing))
}

/** Until when the signatures are enough, if nothing else changes. Milliseconds since the epoch. */
export function signedUntilMs({ plan, approvals }: PlanState): number {
  const theirs = approvals.filter(({ digest }) => digest === plan?.digest)
  const ends = (plan?.signatures ?? []).map(({ count, from }) => {
    const untilMs = theirs
      .filter(({ roles }) => roles.includes(from))
      .map(({ expiresAt }) => toMs(expiresAt))
    return untilMs.toSorted((a, b) => b - a)[count - 1] ?? 0
  })
  return Math.min(...ends)
}

/** How many more people have to sign, at least. */
export function signaturesMissing(
  rules: readonly SignatureRule[],
  standing: readonly Approval[],
): number {
  return Math.max(0, ...rules.map((rule) => rule.count - humansOf(rule, standing)))
}

function isMet(rule: SignatureRule, standing: readonly Approval[]): boolean {
  return humansOf(rule, standing) >= rule.count
}

function humansOf({ from }: SignatureRule, standing: readonly Approval[]): number {
  const theirs = standing.filter(({ roles }) => roles.includes(from))
  return new Set(theirs.map(({ human }) => human)).size
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
