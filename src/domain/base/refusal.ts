import { z } from 'zod'

/** Why not. A closed list; each reason has exactly one text, in `chat/text/refusal-text.ts`. */
export const RefusalReason = z.enum([
  'wrong-channel',
  'direct-message',
  'bot-not-in-channel',
  'cannot-post',
  'guest',
  'bot-account',
  'external-user',
  'deactivated',
  'person-unknown',
  'incident-unknown',
  'incident-closed',
  'not-closed',
  'nothing-rolled-back',
  'fix-deployed-already',
  'already-declared',
  'not-declared',
  'already-reported',
  'not-reported',
  'leads-already',
  'nothing-typed',
  /** An alert, the clock or the command line wants what only a person in Slack may. */
  'not-by-machine',
  'unknown-subcommand',
  'bad-arguments',
  'unknown-service',
  'stale-card',
  'form-needs-command',
  'form-not-opened',
  /** The plan is not open for signatures: ended, replaced or already being carried out. */
  'plan-ended',
  /** The card that was pressed shows a plan that is not the one proposed now. */
  'plan-changed',
  /** It holds more than a person reads before they sign. */
  'plan-too-long',
  'not-an-approver',
  /** Slack did not say who is in the approvers' groups. */
  'rights-unknown',
  'requester',
  'already-approved',
  /** A second account of somebody who has signed. */
  'same-human',
  /** Signed sooner than the card can be read; a second press counts. */
  'read-first',
  /** Enough of their kind have signed; a person of another role is missing. */
  'another-role-wanted',
  'no-approvers',
  'run-in-progress',
  /** It would take the place of a plan that somebody has signed; asked once more, it does. */
  'takes-signed-place',
  /** The world says no before a plan is made. */
  'not-possible',
  'nothing-to-abort',
  /** Several plans are being carried out, and the wish names none. */
  'which-plan',
  'nothing-to-undo',
  'watched-already',
  'not-watched',
  'already-ticked',
  /** Backout measures it, and a person's word does not take the place of that. */
  'measured-itself',
  'status-decided',
  /** It is on its way to the status page. */
  'status-under-way',
  /** What would be published is not what the pressed card showed. */
  'status-changed',
  'not-a-publisher',
  'no-status-page',
  /** It is on its way to the mail server. */
  'letter-under-way',
  'letter-sent',
  /** What would be sent, or to whom, is not what the pressed card showed. */
  'letter-changed',
  'not-a-sender',
  /** The settings name no such list any more, or no mail server. */
  'no-such-list',
  'report-under-way',
  /** None is open, and the wish names none. */
  'which-report',
  'nothing-to-resume',
  /** Several incidents are open, and the wish names none. */
  'which-incident',
  'restarting',
  /** It is the channel of the drills, and none is running. */
  'no-drill',
  'journal-unavailable',
  /** It is written down here, and only a newer version of Backout can read that incident. */
  'left-to-newer-version',
  /** Only a newer version of Backout can read that incident, and what was typed hangs on what stands there. */
  'newer-version-needed',
])
export type RefusalReason = z.infer<typeof RefusalReason>

/** `detail` carries the particulars the text needs: the nearest valid form, the right channel. */
export type Refusal = {
  readonly kind: 'refused'
  readonly reason: RefusalReason
  readonly detail: string | null
}

export function refused(reason: RefusalReason, detail: string | null = null): Refusal {
  return { kind: 'refused', reason, detail }
}
