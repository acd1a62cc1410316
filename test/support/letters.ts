import type { Event } from '../../src/domain/incident/event.ts'
import type { Letter } from '../../src/domain/outbox/letter.ts'

export const LIST = '0123456789ab'

/** Something that somebody had sent to key customers. */
export function letter(changes: Partial<Letter> = {}): Letter {
  return {
    list: LIST,
    name: 'Enterprise',
    recipients: 12,
    addressed: 'a'.repeat(32),
    subject: 'Issue affecting backend',
    text: 'Dear customer,',
    ...changes,
  }
}

/** Each step in the life of the letter with this number. */
export function letterEvents(number = 1, changes: Partial<Letter> = {}) {
  const to = letter(changes)
  const sent = { kind: 'mail', key: `${to.list}/${number}` } as const
  const receipt = {
    id: `i-1.${to.list}.${number}@pipeshub.example`,
    at: '2026-11-22T03:12:07.000Z',
    accepted: to.recipients,
    rejected: 0,
  }
  return {
    sending: { type: 'letter-sending', by: 'U0BO', letter: to },
    claimed: { type: 'outbox-claimed', ...sent, to },
    waits: { type: 'outbox-released', ...sent, because: 'it is away' },
    refused: { type: 'outbox-refused', ...sent, because: '550 not from you' },
    unknown: { type: 'outbox-unknown', ...sent, because: 'the answer was lost' },
    there: { type: 'outbox-delivered', ...sent, receipt },
  } as const satisfies Record<string, Event>
}
