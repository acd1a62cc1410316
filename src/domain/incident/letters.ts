import type { Delivery } from '../outbox/outbox.ts'
import type { Letter, SentLetter } from '../outbox/letter.ts'
import { maySendAgain, sendingOf, type Sending } from '../outbox/sending.ts'
import { toMs } from '../base/instant.ts'
import { severityOf } from './declaration.ts'
import type { Event } from './event.ts'
import type { Illegal } from './illegal-event.ts'
import type { Incident } from './incident.ts'

/** How far a letter is that a person had sent. One that failed before waits until it is there. */
export type LetterState = Sending<'mail'>

/** The newest letter to a list; `null`: nobody has had one sent. */
export function letterTo(
  incident: Incident,
  list: string,
): { readonly sent: SentLetter; readonly state: LetterState } | null {
  const sent = incident.letters[list]?.at(-1)
  return sent ? { sent, state: stateOf(incident, sent) } : null
}

function stateOf(incident: Incident, sent: SentLetter): LetterState {
  const left = leftAt(incident, sent)
  if (left !== null) return { kind: 'refused', because: LEFT, at: left }
  const state = sendingOf<'mail'>(incident.outbox.mail[sent.key])
  return state.kind === 'under-way' && state.failing ? { kind: 'waiting', ...state.failing } : state
}

/** Whether key customers are still to be told of it: only of a critical one, until a person says that they are. */
export function wantsLetters(incident: Incident): boolean {
  const told = incident.ticked['customers-told'] !== undefined
  return severityOf(incident) === 'critical' && !incident.closed && !told
}

/**
 * What should have been sent by now. What has not left this machine when the incident is over, or when somebody
 * has told them, does not leave any more; what may have left is followed to its end.
 */
export function owedLetters(
  incident: Incident,
): readonly { readonly key: string; readonly to: Letter }[] {
  const all = Object.values(incident.letters).flat()
  const due = all.filter((sent) => {
    const { key } = sent
    const isWanted = wantsLetters(incident) && leftAt(incident, sent) === null
    return isWanted || outboxKind(incident, key) === 'claimed'
  })
  return due.map(({ key, letter }) => ({ key, to: letter }))
}

const LEFT = 'the incident was closed before it could be sent'

/** When the incident was closed while it had not left; opened again, it does not leave by itself. `null`: it was not. */
function leftAt(incident: Incident, { key, at }: SentLetter): string | null {
  const closedAt = incident.timeline.findLast(({ event }) => event.type === 'incident-closed')?.at
  const kind = outboxKind(incident, key)
  const isLeft = kind === undefined || kind === 'waiting'
  return isLeft && closedAt !== undefined && toMs(at) <= toMs(closedAt) ? closedAt : null
}

function outboxKind({ outbox }: Incident, key: string): Delivery['kind'] | undefined {
  return outbox.mail[key]?.kind
}

/** A person has had it sent. */
export function letterSending(
  incident: Incident,
  { by, letter }: Extract<Event, { type: 'letter-sending' }>,
  at: string,
  illegal: Illegal,
): Incident {
  const { list } = letter
  const kind = letterTo(incident, list)?.state.kind
  if (!maySendAgain(kind)) throw illegal('it is on its way')
  const before = incident.letters[list] ?? []
  const sent = { key: `${list}/${before.length + 1}`, by, at, letter }
  return { ...incident, letters: { ...incident.letters, [list]: [...before, sent] } }
}
