import type { Actor } from '../base/actor.ts'
import type { Event } from '../incident/event.ts'
import type { Incident } from '../incident/incident.ts'
import type { VerificationItem } from './item.ts'
import { tasksOf } from './tasks.ts'

/** All of the list, because somebody wants to know how it is now. */
export function verificationAsked(
  { plans }: Incident,
  configured: readonly VerificationItem[],
  by: Actor,
): Event {
  const items = [...configured, ...tasksOf(plans)]
  const measured = items.flatMap(({ id, by: whom }) => (whom === 'backout' ? [id] : []))
  return { type: 'verification-requested', by, cause: 'asked', items, measured }
}

/** What somebody has looked at, by the name it had on the card. */
export function seenByPerson({ verification }: Incident, item: string, by: Actor): Event[] {
  const title = verification?.items.find(({ id }) => id === item)?.title
  return title === undefined ? [] : [{ type: 'verification-ticked', item, title, by }]
}
