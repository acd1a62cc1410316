import type { Incident } from '../../domain/incident/incident.ts'
import { isLedSince, occasionsOf } from '../../domain/incident/pages.ts'
import type { Delivery } from '../../domain/outbox/outbox.ts'
import { pageKey, pageOfKey, type PageKey, type PageParts } from '../../domain/outbox/page.ts'
import { PAGER_NAMES } from '../../domain/text/product-names.ts'
import { COMMAND } from '../reading/commands.ts'
import { link } from '../text/links.ts'
import { clockTime } from '../text/moments.ts'
import { occasionInWords } from '../text/page-words.ts'
import { clipped, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'

type Page = PageParts & { readonly delivery: Delivery<'page'> }

/** Whatever an incident might have called for, so that it is known what of it is over. */
const EVERYTHING = {
  occasions: { declared: 'low', relapse: true, signatureMissing: 1 },
} as const

const LONGEST_REASON = 200

/** Whether anybody was woken, as far as the pagers say; for the newest occasion, or for all. */
export function pageLines(incident: Incident, which: 'newest' | 'all'): readonly Mrkdwn[] {
  const calls = pagesOf(incident).filter(({ deed }) => deed === 'trigger')
  const lasting = calls.filter((call) => lasts(incident, call))
  const newest = lasting.at(-1)?.occasion
  const shown = which === 'all' ? lasting : lasting.filter(({ occasion }) => occasion === newest)
  return [...shown.map((call) => callLine(incident, call)), ...untold(incident)]
}

function pagesOf({ outbox }: Incident): readonly Page[] {
  return Object.entries(outbox.page).flatMap(([key, delivery]) => {
    const page = pageOfKey(key)
    return page && delivery ? [{ ...page, delivery }] : []
  })
}

function lasts(incident: Incident, { occasion, pager }: Page): boolean {
  // Told to be over, it stays so, even where the incident was opened again.
  const over = incident.outbox.page[pageKey({ occasion, deed: 'resolve', pager })]
  if (incident.closed || over) return false
  return !occasionsOf(incident, EVERYTHING).some((one) => one.occasion === occasion && one.over)
}

function callLine(incident: Incident, call: Page): Mrkdwn {
  const title =
    call.occasion === 'declared' ? 'Paged' : `Paged, as ${occasionInWords(call.occasion)}`
  return mrk`*${trusted(title)}:* ${callInWords(incident, call)}`
}

function callInWords(incident: Incident, { delivery, ...page }: Page): Mrkdwn {
  const name = PAGER_NAMES[page.pager]
  switch (delivery.kind) {
    case 'delivered': {
      const { acceptedAt, link: url } = delivery.receipt
      return mrk`accepted by ${link(url, name)} ${clockTime(acceptedAt)}, ${answerInWords(incident, pageKey(page), delivery)}`
    }
    case 'claimed':
      return delivery.failing
        ? notSent(delivery.failing)
        : mrk`being sent to ${name} since ${clockTime(delivery.since)}…`
    case 'waiting':
      return notSent(delivery)
    case 'unknown':
      return mrk`not known whether it arrived: ${clipped(delivery.because, LONGEST_REASON)}. ${byPhone()}`
    case 'refused':
      return mrk`refused: ${clipped(delivery.because, LONGEST_REASON)}. ${byPhone()}`
    default:
      return delivery satisfies never
  }
}

function notSent(failing: { readonly because: string; readonly since: string }) {
  return mrk`not sent yet: ${clipped(failing.because, LONGEST_REASON)} (tried since ${clockTime(failing.since)}). ${byPhone()}`
}

function byPhone(): Mrkdwn {
  return trusted(`Call by phone: \`${COMMAND} contacts\``)
}

function answerInWords(
  incident: Incident,
  key: PageKey,
  { receipt }: Extract<Delivery<'page'>, { kind: 'delivered' }>,
): Mrkdwn {
  const answered = incident.pagesAcknowledged[key]
  if (answered) {
    const by = answered.by === null ? '' : mrk` by ${clipped(answered.by, 80)}`
    return mrk`acknowledged there${by} ${clockTime(answered.at)}`
  }
  const { lead } = incident
  if (lead && isLedSince(incident, receipt.since)) {
    return mrk`${mention(lead.by)} has it since ${clockTime(lead.at)}`
  }
  return receipt.tells
    ? trusted('nobody has acknowledged')
    : trusted('and Backout cannot see whether anybody has acknowledged there')
}

/** What a pager should have been told beside the calls, and was not: it may go on calling people. */
function untold(incident: Incident): readonly Mrkdwn[] {
  const others = pagesOf(incident).filter(({ deed }) => deed !== 'trigger')
  return others.flatMap(({ pager, deed, occasion, delivery }) => {
    if (!('because' in delivery)) return []
    const what = deed === 'resolve' ? 'it is over' : 'somebody has it'
    return [
      mrk`*Pager:* ${PAGER_NAMES[pager]} could not be told that ${what} (${occasionInWords(occasion)}): ${clipped(delivery.because, LONGEST_REASON)}`,
    ]
  })
}

/** The best that is known of the calls, for a person who ticks that somebody was alerted; `null`: none was sent. */
export function calledInWords(incident: Incident): Mrkdwn | null {
  const calls = pagesOf(incident).filter((page) => {
    return page.deed === 'trigger' && (incident.closed !== null || lasts(incident, page))
  })
  const best = calls.findLast(({ delivery }) => delivery.kind === 'delivered') ?? calls.at(-1)
  return best ? callInWords(incident, best) : null
}

/** "Ana answered in PagerDuty: the incident was declared". */
export function answeredInWords(key: PageKey, by: string | null): Mrkdwn {
  const page = pageOfKey(key)
  if (!page) return trusted('Somebody answered a call')
  const who = by === null ? trusted('Somebody') : clipped(by, 80)
  return mrk`${who} acknowledged in ${PAGER_NAMES[page.pager]}: ${occasionInWords(page.occasion)}`
}
