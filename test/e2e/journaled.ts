import { DatabaseSync } from 'node:sqlite'
import { Event } from '../../src/domain/incident/event.ts'
import type { ReceivedIntent } from '../../src/domain/incident/intent.ts'
import type { RefusalReason } from '../../src/domain/base/refusal.ts'
import type { Bot } from '../support/bot.ts'

/** What the running bot has written down of an incident, read beside it. */
export const journaled = ({ journal }: Pick<Bot, 'journal'>, incident: string): Event[] =>
  rows(journal, 'SELECT body FROM events WHERE incident = ? ORDER BY sequence', incident).map(
    ({ body }) => Event.parse(JSON.parse(String(body))),
  )

/** The incident that was written to last. */
export const newestIncident = ({ journal }: Pick<Bot, 'journal'>): string | null => {
  const [row] = rows(journal, 'SELECT incident FROM events ORDER BY position DESC LIMIT 1')
  return row ? String(row['incident']) : null
}

export const countOf = (events: readonly Event[], type: Event['type']): number =>
  events.filter((event) => event.type === type).length

type Refused = {
  readonly by: string
  readonly wish: ReceivedIntent['intent']['kind']
  readonly reason: RefusalReason
}

/** Who was refused what, and why. */
export const refusals = (events: readonly Event[]): Refused[] => {
  const wishes = new Map(
    events.flatMap((event) =>
      event.type === 'intent-received' ? [[event.received.delivery, event.received]] : [],
    ),
  )
  return events.flatMap((event) => {
    if (event.type !== 'intent-refused') return []
    const wish = wishes.get(event.delivery)
    return wish ? [{ by: wish.by, wish: wish.intent.kind, reason: event.reason }] : []
  })
}

const rows = (file: string, query: string, ...values: string[]) => {
  const journal = new DatabaseSync(file, { readOnly: true, timeout: 2_000 })
  try {
    return journal.prepare(query).all(...values)
  } finally {
    journal.close()
  }
}
