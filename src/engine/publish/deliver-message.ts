import { LRUCache } from 'lru-cache'
import { Fault } from '../../domain/base/fault.ts'
import type { Event } from '../../domain/incident/event.ts'
import { messageOf, postedAs, type Incident } from '../../domain/incident/incident.ts'
import type { Place } from '../../domain/incident/place.ts'
import type { Surface } from '../../domain/incident/surface.ts'
import { isInThread, isNote, placeOf, surfacesOf } from '../../domain/incident/surfaces.ts'
import { sendingOnce, type Once } from '../outbox/send-once.ts'
import { messageKey } from './message-key.ts'
import type { Publishing } from './publishing.ts'

/** Slack shows an edited message no more often than this; so do we. */
const BETWEEN_EDITS_MS = 1_000

/** Digests of what was sent last, to send no edit that changes nothing. Forgotten, it costs one such edit. */
const LAST_SENT_AT_MOST = 2_000

/** What became of one message: `again` when it may differ from the state still. */
type Delivered = 'posted' | 'unchanged' | 'again'

/** Brings one message nearer to what the state says: posts it, edits it, or finds nothing to do. Throws a `Fault`. */
export function messageDelivery(
  deps: Pick<
    Publishing,
    'incidents' | 'conversations' | 'render' | 'hash' | 'clock' | 'sleep' | 'breathe' | 'stopped'
  >,
): (id: string, surface: Surface) => Promise<Delivered> {
  const lastSent = new LRUCache<string, { readonly view: string; readonly atMs: number }>({
    max: LAST_SENT_AT_MOST,
  })
  const sendOnce = sendingOnce(deps)

  return async (id, surface) => {
    const key = messageKey(surface, id)
    await deps.breathe()
    const incident = await deps.incidents.load(id)
    const place = placeOf(surface, incident)
    if (!place) return 'unchanged'
    const posted = postedAs(incident, surface)
    if (!posted) return post(incident, surface, place, key)
    const view = deps.render(surface, incident)
    const rendered = deps.hash(JSON.stringify(view))
    const sent = lastSent.get(key)
    if (sent?.view === rendered) return 'unchanged'
    const sinceMs = deps.clock.now() - (sent?.atMs ?? 0)
    if (sinceMs >= 0 && sinceMs < BETWEEN_EDITS_MS) {
      await deps.sleep(BETWEEN_EDITS_MS - sinceMs, deps.stopped)
      return 'again'
    }
    try {
      await deps.conversations.update(posted, view, key)
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'message_not_found') throw error
      await deps.incidents.append(id, (newest) =>
        postedAs(newest, surface)?.ts === posted.ts ? lost(surface, newest) : null,
      )
      return 'again'
    }
    lastSent.set(key, { view: rendered, atMs: deps.clock.now() })
    return 'again'
  }

  async function post(
    incident: Incident,
    surface: Surface,
    place: Place,
    key: string,
  ): Promise<'posted' | 'again'> {
    const message: Once<'message'> = {
      incident: incident.id,
      kind: 'message',
      key: surface,
      to: place,
      async send(to) {
        const view = deps.render(surface, await deps.incidents.load(incident.id))
        const { ts } = await deps.conversations.post(to, view, key)
        lastSent.set(key, { view: deps.hash(JSON.stringify(view)), atMs: 0 })
        return { channel: to.channel, ts }
      },
      async find(to, sinceMs) {
        const found = await deps.conversations.find(to, key, sinceMs)
        return found && { channel: to.channel, ts: found.ts }
      },
      // Its headline may have been lost meanwhile, and its place with it.
      wanted: (newest) => {
        const claim = messageOf(newest, surface)
        return claim?.kind === 'claimed' && placeOf(surface, newest)?.thread === claim.to.thread
      },
    }
    const outcome = await sendOnce(message)
    return outcome === 'sent' ? 'posted' : 'again'
  }
}

/** A new headline has a thread of its own: the cards in the old one would be out of people's sight. */
function lost(surface: Surface, incident: Incident): readonly Event[] {
  // What was only told, is not told twice.
  const again = surfacesOf(incident).filter((one) => {
    return messageOf(incident, one) && isInThread(one) && !isNote(one)
  })
  return [
    released(surface, 'somebody deleted it'),
    ...(surface === 'headline' ? again.map((one) => released(one, 'its headline is lost')) : []),
  ]
}

function released(key: Surface, because: string): Event {
  return { type: 'outbox-released', kind: 'message', key, because }
}
