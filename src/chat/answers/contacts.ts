import type { KnownBlock } from '@slack/types'
import type { View } from '../../domain/base/view.ts'
import { header, listed, section, view } from '../parts/blocks.ts'
import type { Contacts } from '../text/contacts.ts'
import { counted, escaped, mention, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'

/** Whom to call, the on-call people first. Numbers can be tapped. */
export function contactsView({ onCall, support, channels }: Contacts): View {
  if (onCall.length + support.length + channels.length === 0) {
    const nothing = 'No contacts are configured: they belong under contacts in backout.yaml.'
    return view(nothing, [section(mrk`${nothing}`)])
  }
  const [first] = onCall
  return view(
    first
      ? `Call first: ${oneLine(first.name, 80)} (${oneLine(first.role, 60)})${first.phone ? `, ${oneLine(first.phone, 40)}` : ''}.`
      : 'Nobody is configured to be on call; support and channels are listed.',
    [
      header('Whom to call'),
      ...group('On call', onCall.map(person)),
      ...group('Support', support.map(reference)),
      ...group('Channels', channels.map(reference)),
    ],
  )
}

/** Each group may fill a third of what fits, so that none hides another. */
function group(title: string, items: readonly Mrkdwn[]): KnownBlock[] {
  if (items.length === 0) return []
  return listed([trusted(`*${title}*`), ...items], {
    room: 3200,
    leftOut: (count) => `${counted(count, 'more entry', 'more entries')} did not fit here.`,
  })
}

/** Who it is and how to call them, without calling anybody through Slack. */
export function contactLine(contact: Contacts['onCall'][number]): Mrkdwn {
  return person({ ...contact, slack: undefined })
}

function person({ role, name, phone, email, slack }: Contacts['onCall'][number]): Mrkdwn {
  const ways = [
    ...(phone ? [phoneLink(oneLine(phone, 40))] : []),
    ...(slack ? [mention(oneLine(slack, 40))] : []),
    ...(email ? [mailLink(oneLine(email, 120))] : []),
  ]
  const reach = ways.length > 0 ? ways.map(({ mrkdwn }) => mrkdwn).join(', ') : 'no number known'
  return mrk`${oneLine(role, 60)}: *${oneLine(name, 80)}*, ${trusted(reach)}`
}

export function reference({ name, address }: Contacts['support'][number]): Mrkdwn {
  return mrk`${oneLine(name, 80)}: ${addressLink(oneLine(address, 250))}`
}

/** Only what surely is a number, an address or a mailbox becomes a link; the rest stays text. */
function phoneLink(phone: string): Mrkdwn {
  const dialled = phone.replace(/[\s()./-]/g, '')
  return /^\+?\d{3,20}$/.test(dialled)
    ? trusted(`<tel:${dialled}|${escaped(phone)}>`)
    : mrk`${phone}`
}

function mailLink(email: string): Mrkdwn {
  return /^[\w.+-]+@[\w.-]+$/.test(email)
    ? trusted(`<mailto:${email}|${escaped(email)}>`)
    : mrk`${email}`
}

function addressLink(address: string): Mrkdwn {
  return /^https?:\/\/[\w.~:/?#@!$&'()*+,;=%-]+$/.test(address)
    ? trusted(`<${address.replaceAll('&', '&amp;')}>`)
    : mailLink(address)
}
