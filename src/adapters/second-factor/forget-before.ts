import { LOCKOUT } from '../../domain/second-factor/code.ts'
import { KEPT_MS } from '../../domain/second-factor/enrolment.ts'

/** Longer than an answer counts: whoever needs it later is told that it is too old. */
const ANSWERS_MS = 7 * KEPT_MS

/** What is older than that matters to nobody any more. */
export function forgetBefore(nowMs: number) {
  const { withinMs, lockedMs } = LOCKOUT
  return { wrongMs: nowMs - withinMs - lockedMs, answersMs: nowMs - ANSWERS_MS }
}
