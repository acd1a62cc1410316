import type { Signer } from '../plan/gate.ts'

const HOUR_MS = 60 * 60_000

/** How long the link that begins an enrolment is good for, and then the secret for its first code. */
export const LINK_MS = 15 * 60_000

/** So long after it was confirmed it begins to count: time to see one that nobody wanted. */
export const WAITS_MS = 24 * HOUR_MS

/** So long ago Slack may have said who may sign, for it to count while Slack does not answer. */
export const KEPT_MS = 24 * HOUR_MS

/** One person's second factor, without its secret. Times are milliseconds since the epoch. */
export type Enrolment = {
  readonly user: string
  /** Another one for every enrolment: what was asked of an older one is not of this one. */
  readonly id: string
  /** What they type to sign in. */
  readonly handle: string
  /** When the secret was shown. */
  readonly madeMs: number
  /** When they gave a code of it. */
  readonly provedMs: number | null
  readonly confirmed: { readonly by: string; readonly atMs: number } | null
}

/** From when on it counts; `null`: nobody has confirmed it. */
export function validFromMs({ confirmed }: Pick<Enrolment, 'confirmed'>): number | null {
  return confirmed && confirmed.atMs + WAITS_MS
}

export type WhyNotConfirm =
  | 'gone'
  | 'confirmed-already'
  | 'not-an-approver'
  | 'rights-unknown'
  | 'oneself'

/** Why this person's word does not confirm it; `null`: it does. `human`: who enrolled, as Slack says now. */
export function whyNotConfirm(
  enrolment: Enrolment | null,
  { by, human }: { readonly by: Signer; readonly human: string },
): WhyNotConfirm | null {
  if (!enrolment?.provedMs) return 'gone'
  if (enrolment.confirmed) return 'confirmed-already'
  if (by.kind !== 'member') return by.kind === 'unknown' ? 'rights-unknown' : 'not-an-approver'
  if (by.id === enrolment.user || by.human === human) return 'oneself'
  const { approvers } = by.roles
  if (approvers === true) return null
  return approvers === 'unknown' ? 'rights-unknown' : 'not-an-approver'
}
