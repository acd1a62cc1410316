import type { Event, JournaledEvent } from '../../domain/incident/event.ts'

const ASKS_FOR_SOMETHING: ReadonlySet<Event['type']> = new Set([
  'incident-declared',
  'incident-reopened',
  // Whoever has received it may leave it to us.
  'intent-received',
])

/** Of an incident that is not in memory only this matters before somebody asks for it. */
export function asksForSomething(events: readonly JournaledEvent[]): boolean {
  return events.some(({ event: { type } }) => ASKS_FOR_SOMETHING.has(type))
}
