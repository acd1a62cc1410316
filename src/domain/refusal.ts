import { z } from 'zod'

/** Why not. A closed list; each reason has exactly one text, in `chat/refusal-text.ts`. */
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
  'already-declared',
  'not-declared',
  'already-reported',
  'nothing-typed',
  'unknown-subcommand',
  'bad-arguments',
  'unknown-service',
  'stale-card',
  'form-needs-command',
  'form-not-opened',
  'restarting',
  'journal-unavailable',
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
