import { outboxAfter, type OutboxEvent } from '../outbox/outbox.ts'
import type { Event } from './event.ts'
import type { Illegal } from './illegal-event.ts'
import type { Incident } from './incident.ts'
import { stageOfKey } from './publication.ts'

/** How messages were journaled before there was an outbox. */
export function asOutboxEvent(event: Extract<Event, { type: `message-${string}` }>): OutboxEvent {
  const { surface: key } = event
  const about = { kind: 'message', key } as const
  switch (event.type) {
    case 'message-posting':
      return { type: 'outbox-claimed', ...about, to: event.place }
    case 'message-posted': {
      const { channel, ts } = event
      return { type: 'outbox-delivered', ...about, receipt: { channel, ts } }
    }
    case 'message-lost':
      return { type: 'outbox-released', ...about, because: event.because }
    default:
      return event satisfies never
  }
}

/** From when its card stands in Slack, a person can have read the plan. */
export function sentOnward(incident: Incident, event: OutboxEvent, at: string): Incident {
  const next = { ...incident, outbox: outboxAfter(incident.outbox, event, at) }
  if (event.type !== 'outbox-delivered') return next
  if (event.kind === 'status-post') return published(next, event.key, at)
  if (event.kind !== 'message') return next
  const plans = next.plans.map((state) =>
    event.key === `plan-${state.number}` && state.shownAt === null
      ? { ...state, shownAt: at }
      : state,
  )
  return { ...next, plans }
}

/** What stands on the page was published, whatever else was said of it. */
function published(incident: Incident, key: string, at: string): Incident {
  const stage = stageOfKey(key)
  const prompt = stage && incident.statusPage[stage]
  const publication = prompt?.publications.find((one) => one.key === key)
  if (!prompt || !publication) return incident
  const decided = { decision: 'published' as const, by: publication.by, at }
  return { ...incident, statusPage: { ...incident.statusPage, [stage]: { ...prompt, decided } } }
}

/** Somebody has answered a call. Whoever was called must have been. */
export function pageAcknowledged(
  incident: Incident,
  { key, by, at }: Extract<Event, { type: 'page-acknowledged' }>,
  illegal: Illegal,
): Incident {
  const { pagesAcknowledged, outbox } = incident
  const sent = outbox.page[key]?.kind
  if (sent !== 'delivered' && sent !== 'unknown') throw illegal('nobody was called')
  if (pagesAcknowledged[key]) throw illegal('acknowledged twice')
  return { ...incident, pagesAcknowledged: { ...pagesAcknowledged, [key]: { by, at } } }
}
