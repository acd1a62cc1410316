import type { Actor } from '../base/actor.ts'
import { refused } from '../base/refusal.ts'
import type { Ruling } from '../plan/decide-plan.ts'
import { whyNotPublish } from '../plan/gate.ts'
import type { DecisionContext } from './decision-context.ts'
import { incidentCan } from './incident-can.ts'
import type { Incident } from './incident.ts'
import type { Intent } from './intent.ts'

/** Exactly the letter that stood on the pressed card goes out, to exactly those who were on the list, or none. */
export function sendLetter(
  incident: Incident,
  by: Actor,
  { list, digest }: Extract<Intent, { kind: 'send-letter' }>,
  { person, letter = null }: DecisionContext,
): Ruling {
  const can = incidentCan.sendLetter(incident, list)
  if (can !== true) return can
  const why = whyNotPublish(person, 'not-a-sender')
  if (why) return why
  if (!letter) return 'no-such-list'
  if (letter.digest !== digest) return refused('letter-changed')
  return [{ type: 'letter-sending', by, letter: letter.letter }]
}
