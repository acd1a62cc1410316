/* oxlint-disable typescript/no-unsafe-type-assertion -- what belongs to a kind is known by its table; the compiler cannot follow a kind that is only known later */

import { z } from 'zod'
import { Place } from '../incident/place.ts'
import { Surface } from '../incident/surface.ts'
import { StatusPost, StatusPostKey, StatusReceipt } from './status-post.ts'
import { Letter, LetterKey, LetterReceipt } from './letter.ts'
import { PageAccepted, PageKey, PageTo } from './page.ts'

/** Where a message stands in Slack. */
export const Posted = z.object({ channel: z.string(), ts: z.string() })
export type Posted = z.infer<typeof Posted>

/** Where a file is shown in Slack, and the name it is known again by. */
const FilePlace = z.object({ ...Place.shape, name: z.string().min(1) })

const Anything = { key: z.string().min(1), to: z.json(), receipt: z.json() }

/**
 * What is sent outward once, by kind: what tells two of them apart within an incident, where it goes,
 * and what the other side answered.
 */
const SENT = {
  message: { key: Surface, to: Place, receipt: Posted },
  file: { key: z.string().min(1), to: FilePlace, receipt: z.object({ file: z.string().min(1) }) },
  page: { key: PageKey, to: PageTo, receipt: PageAccepted },
  /** Asks a person, or each person of a group, to sign. Its receipt is that of the first who was asked. */
  'direct-message': {
    key: z.string().min(1),
    to: z.object({ whom: z.string(), plan: z.int().positive() }),
    receipt: Posted,
  },
  'status-post': { key: StatusPostKey, to: StatusPost, receipt: StatusReceipt },
  /** A letter to a list of key customers. */
  mail: { key: LetterKey, to: Letter, receipt: LetterReceipt },
  hook: Anything,
} as const
export type OutboxKind = keyof typeof SENT

type Sent = typeof SENT
type Key<Kind extends OutboxKind> = z.infer<Sent[Kind]['key']>
export type To<Kind extends OutboxKind> = z.infer<Sent[Kind]['to']>
export type Receipt<Kind extends OutboxKind> = z.infer<Sent[Kind]['receipt']>

function about<Kind extends OutboxKind>(kind: Kind) {
  return { kind: z.literal(kind), key: SENT[kind].key }
}

function eventsOf<Kind extends OutboxKind>(kind: Kind) {
  const { to, receipt } = SENT[kind] as { to: Sent[Kind]['to']; receipt: Sent[Kind]['receipt'] }
  return {
    /** It is about to be sent: from now on it may be there. */
    claimed: z.object({ type: z.literal('outbox-claimed'), ...about(kind), to }),
    /** It is there. */
    delivered: z.object({ type: z.literal('outbox-delivered'), ...about(kind), receipt }),
    /** It was sent, and whether it arrived cannot be found out: it is not sent again by itself. */
    unknown: z.object({
      type: z.literal('outbox-unknown'),
      ...about(kind),
      because: z.string(),
    }),
    /** It is certainly not there: it may be sent again. */
    released: z.object({
      type: z.literal('outbox-released'),
      ...about(kind),
      because: z.string(),
    }),
    /** It is certainly not there, and sending it again changes nothing until a person acts. */
    refused: z.object({
      type: z.literal('outbox-refused'),
      ...about(kind),
      because: z.string(),
    }),
  }
}

const message = eventsOf('message')
const file = eventsOf('file')
const page = eventsOf('page')
const directMessage = eventsOf('direct-message')
const statusPost = eventsOf('status-post')
const mail = eventsOf('mail')
const hook = eventsOf('hook')

/** Each step in the life of something that is sent once. Journaled: never rename. */
export const OutboxEvents = [
  z.discriminatedUnion('kind', [
    message.claimed,
    file.claimed,
    page.claimed,
    directMessage.claimed,
    statusPost.claimed,
    mail.claimed,
    hook.claimed,
  ]),
  z.discriminatedUnion('kind', [
    message.delivered,
    file.delivered,
    page.delivered,
    directMessage.delivered,
    statusPost.delivered,
    mail.delivered,
    hook.delivered,
  ]),
  z.discriminatedUnion('kind', [
    message.unknown,
    file.unknown,
    page.unknown,
    directMessage.unknown,
    statusPost.unknown,
    mail.unknown,
    hook.unknown,
  ]),
  z.discriminatedUnion('kind', [
    message.released,
    file.released,
    page.released,
    directMessage.released,
    statusPost.released,
    mail.released,
    hook.released,
  ]),
  z.discriminatedUnion('kind', [
    message.refused,
    file.refused,
    page.refused,
    directMessage.refused,
    statusPost.refused,
    mail.refused,
    hook.refused,
  ]),
] as const
export type OutboxEvent = z.infer<(typeof OutboxEvents)[number]>

const AnyOutboxEvent = z.union(OutboxEvents)

/** An event of something whose kind is only known when it happens. */
export function outboxEvent(event: {
  readonly type: OutboxEvent['type']
  readonly kind: OutboxKind
  readonly key: string
  readonly to?: To<OutboxKind>
  readonly receipt?: Receipt<OutboxKind>
  readonly because?: string
}): OutboxEvent {
  return AnyOutboxEvent.parse(event)
}

export type Failing = { readonly because: string; readonly since: string }

export type Delivery<Kind extends OutboxKind = OutboxKind> =
  /** Sent or about to be, and not yet known to be there. */
  | {
      readonly kind: 'claimed'
      readonly to: To<Kind>
      readonly since: string
      /** It has failed before. */
      readonly failing?: Failing
    }
  | { readonly kind: 'delivered'; readonly receipt: Receipt<Kind>; readonly at: string }
  | { readonly kind: 'unknown'; readonly because: string; readonly at: string }
  /** It could not be sent, and is tried again. `since`: the first time that it failed. */
  | ({ readonly kind: 'waiting' } & Failing)
  /** It is not tried again. */
  | { readonly kind: 'refused'; readonly because: string; readonly at: string }

/** Everything of an incident that is sent once, as far as the journal knows. */
export type Outbox = {
  readonly [Kind in OutboxKind]: { readonly [K in Key<Kind>]?: Delivery<Kind> }
}

/** What the journal knows of one of them. */
export function deliveryOf<Kind extends OutboxKind>(
  outbox: Outbox,
  kind: Kind,
  key: string,
): Delivery<Kind> | undefined {
  const all: Readonly<Record<string, Delivery<Kind> | undefined>> = outbox[kind]
  return all[key]
}

export const EMPTY_OUTBOX: Outbox = {
  message: {},
  file: {},
  page: {},
  'direct-message': {},
  'status-post': {},
  mail: {},
  hook: {},
}

type AnyOutbox = Readonly<Record<OutboxKind, Readonly<Record<string, Delivery | undefined>>>>

/** The outbox after an event. What is delivered is delivered, however often it is said. */
export function outboxAfter(outbox: Outbox, event: OutboxEvent, at: string): Outbox {
  const all: AnyOutbox = outbox
  const { kind, key } = event
  const { [key]: before, ...others } = all[kind]
  const now = deliveryAfter(before, event, at)
  return { ...all, [kind]: now ? { ...others, [key]: now } : others } as Outbox
}

function deliveryAfter(
  before: Delivery | undefined,
  event: OutboxEvent,
  at: string,
): Delivery | null {
  switch (event.type) {
    case 'outbox-claimed': {
      const failing =
        before?.kind === 'waiting'
          ? { failing: { because: before.because, since: before.since } }
          : {}
      return { kind: 'claimed', to: event.to, since: at, ...failing }
    }
    case 'outbox-delivered':
      return { kind: 'delivered', receipt: event.receipt, at }
    case 'outbox-unknown':
      return { kind: 'unknown', because: event.because, at }
    case 'outbox-released': {
      // A message that is not there is posted anew, and nobody is told of it.
      if (event.kind === 'message') return null
      const since = before?.kind === 'claimed' ? (before.failing?.since ?? at) : at
      return { kind: 'waiting', because: event.because, since }
    }
    case 'outbox-refused':
      return { kind: 'refused', because: event.because, at }
    default:
      return event satisfies never
  }
}
