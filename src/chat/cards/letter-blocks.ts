import type { Button, KnownBlock } from '@slack/types'
import { severityOf } from '../../domain/incident/declaration.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { letterTo, wantsLetters, type LetterState } from '../../domain/incident/letters.ts'
import type { DraftedLetter } from '../../domain/outbox/letter.ts'
import { reference } from '../answers/contacts.ts'
import { button, context, section } from '../parts/blocks.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import type { Contacts } from '../text/contacts.ts'
import { clockTime } from '../text/moments.ts'
import { clipped, codeBlock, counted, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { customerLetter, letterToCopy, supportLetter } from './letters.ts'

/** What would be sent to each list of key customers; left out where there is no mail server. */
export type LetterDrafts = (incident: Incident) => readonly DraftedLetter[]

type Shown = {
  readonly contacts: Contacts
  readonly environment: string
  readonly drafts: LetterDrafts | undefined
}

const MOST_LISTS = 5
/** With a button each. Those that are sent make room for the next. */
const MOST_OPEN = 6
const MOST_CONTACTS = 3

/** What those outside are told, as long as a critical incident is not told to key customers. */
export function letters(incident: Incident, shown: Shown): readonly KnownBlock[] {
  const { contacts, environment } = shown
  const { customers = [], support } = contacts
  if (customers.length === 0 || severityOf(incident) !== 'critical' || incident.closed) return []
  const drafts = shown.drafts?.(incident) ?? []
  const sent = drafts.length > 0 ? sentByButton(incident, drafts) : []
  if (!wantsLetters(incident)) return sent
  return [
    ...(drafts.length > 0 ? open(incident, drafts) : copied(incident, customers)),
    ...sent,
    ...(support.length > 0
      ? [
          section(
            trusted('*A draft for external support*, where the cause may be theirs:'),
            ...support.slice(0, MOST_CONTACTS).map(reference),
          ),
          section(codeBlock(supportLetter(incident, environment))),
        ]
      : []),
  ]
}

/** Without a mail server people send it. */
function copied(
  incident: Incident,
  customers: NonNullable<Contacts['customers']>,
): readonly KnownBlock[] {
  const named = customers.slice(0, MOST_LISTS).map(({ name, to }) => {
    return mrk`• ${clipped(name, 80)}: ${clipped(to.join(', '), 300)}`
  })
  return [
    section(trusted('*A draft for key customers.* Send it yourself, then press Done:'), ...named),
    section(codeBlock(letterToCopy(customerLetter(incident)))),
  ]
}

/** In the order in which they need a person, where not all are shown. */
const URGENT: Readonly<Record<LetterState['kind'] | 'unwritten', number>> = {
  unwritten: 0,
  refused: 1,
  unknown: 2,
  waiting: 3,
  'under-way': 4,
  delivered: 5,
}

/** The letter once, and below it each list that it was not sent to. */
function open(incident: Incident, drafts: readonly DraftedLetter[]): readonly KnownBlock[] {
  const lists = drafts.filter(({ letter }) => {
    return letterTo(incident, letter.list)?.state.kind !== 'delivered'
  })
  if (lists.length === 0) return [context(allWritten(incident, drafts))]
  const shown = lists.length > MOST_OPEN ? lists.toSorted(byUrgency(incident)) : lists
  const left = lists.length - MOST_OPEN
  // What is on its way is decided, and may have been another text.
  const next = lists.find(({ letter }) => incidentCan.sendLetter(incident, letter.list) === true)
  return [
    section(
      trusted(
        '*A letter to key customers.* Send mails exactly this. Approvers can press it, and those named under communication.publishers. When all are told, press Done:',
      ),
    ),
    ...(next ? [section(codeBlock(letterToCopy(next.letter)))] : []),
    ...shown.slice(0, MOST_OPEN).map((draft) => listBlock(incident, draft)),
    ...(left > 0
      ? [
          context(
            mrk`${counted(left, 'more list is', 'more lists are')} shown here once these are sent.`,
          ),
        ]
      : []),
  ]
}

/** That a mail server took a letter does not say that it took it for everybody. */
function allWritten(incident: Incident, drafts: readonly DraftedLetter[]): Mrkdwn {
  const rejected = drafts.reduce((sum, { letter }) => {
    const state = letterTo(incident, letter.list)?.state
    return sum + (state?.kind === 'delivered' ? state.receipt.rejected : 0)
  }, 0)
  return rejected === 0
    ? trusted('Every list of key customers was written to. Press Done.')
    : mrk`Every list was written to, but the mail server refused ${counted(rejected, 'address', 'addresses')}: write to these yourself, then press Done.`
}

function byUrgency(incident: Incident) {
  const urgency = ({ letter }: DraftedLetter) =>
    URGENT[letterTo(incident, letter.list)?.state.kind ?? 'unwritten']
  return (one: DraftedLetter, other: DraftedLetter) => urgency(one) - urgency(other)
}

function listBlock(incident: Incident, draft: DraftedLetter): KnownBlock {
  const { name, list, recipients } = draft.letter
  const line = section(
    mrk`• *${clipped(name, 80)}* (${counted(recipients, 'address', 'addresses')}): ${stateInWords(incident, list)}`,
  )
  const can = incidentCan.sendLetter(incident, list) === true
  return can ? { ...line, accessory: sendButton(incident, draft) } : line
}

function stateInWords(incident: Incident, list: string): Mrkdwn {
  const newest = letterTo(incident, list)
  if (!newest) return trusted('not written to')
  const { state, sent } = newest
  const who = mrk`${mention(sent.by)} pressed Send at ${clockTime(sent.at)}`
  switch (state.kind) {
    case 'under-way':
      return mrk`⏳ on its way. ${who}.`
    case 'waiting':
      return mrk`⏳ not sent yet: ${clipped(state.because, 200)}, since ${clockTime(state.since)}. ${who}. It is tried again by itself.`
    case 'refused':
      return mrk`🚫 refused: ${clipped(state.because, 200)}. ${who}. Remove the cause, then press Send again; or send it yourself.`
    case 'unknown':
      return mrk`❓ not known whether it arrived: ${clipped(state.because, 200)}. ${who}. Look in the log of the mail server first, for a Message-ID that begins with ${clipped(messageName(incident, sent.key), 120)}. Send again only if it is not there.`
    case 'delivered':
      return trusted('sent')
    default:
      return state satisfies never
  }
}

/** As the mailer makes its Message-ID of it. */
function messageName({ id }: Incident, key: string): string {
  return [id, ...key.split('/')].join('.')
}

function sendButton(incident: Incident, { letter, digest }: DraftedLetter): Button {
  const { name, list, recipients } = letter
  const kind = letterTo(incident, list)?.state.kind
  const addresses = counted(recipients, 'address', 'addresses')
  const again = kind === undefined ? '' : ' again'
  const twice =
    kind === 'unknown'
      ? ' If the first one arrived, they get it twice: look in the mail server first.'
      : ''
  return button({
    action: ACTIONS.sendLetter,
    label: kind === undefined ? `Send to ${name}` : 'Send again',
    value: `${incident.id}/${list}/${digest}`,
    ...(kind === undefined ? { style: 'primary' as const } : {}),
    confirm: {
      title: `Send it${again}?`,
      text: `This letter goes to ${name}, ${addresses}, now. It cannot be taken back.${twice}`,
      yes: `Send${again}`,
    },
  })
}

/** What was sent stays readable, also once a person has ticked it. */
function sentByButton(incident: Incident, drafts: readonly DraftedLetter[]): readonly KnownBlock[] {
  const lines = drafts.flatMap(({ letter }) => {
    const newest = letterTo(incident, letter.list)
    if (newest?.state.kind !== 'delivered') return []
    const { receipt } = newest.state
    const refusedBy =
      receipt.rejected === 0
        ? ''
        : `, and ${counted(receipt.rejected, 'address was', 'addresses were')} refused by the mail server`
    return [
      mrk`✉️ ${clipped(letter.name, 80)}: sent to ${counted(receipt.accepted, 'address', 'addresses')} by ${mention(newest.sent.by)} at ${clockTime(receipt.at)}${refusedBy}`,
    ]
  })
  return lines.length > 0 ? [context(...lines)] : []
}
