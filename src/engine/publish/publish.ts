import { LRUCache } from 'lru-cache'
import { backoffMs } from '../../domain/base/backoff.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { View } from '../../domain/base/view.ts'
import type { Event } from '../../domain/incident/event.ts'
import { messageOf, postedAs, type Incident } from '../../domain/incident/incident.ts'
import type { Place } from '../../domain/incident/place.ts'
import { Surface } from '../../domain/incident/surface.ts'
import { isInThread, isNote, placeOf, surfacesOf } from '../../domain/incident/surfaces.ts'
import type { Clock, Sleep } from '../../ports/clock.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { sendingOnce, type Once } from '../outbox/send-once.ts'

/** Slack shows an edited message no more often than this; so do we. */
const BETWEEN_EDITS_MS = 1_000

/** How long to wait before trying again when Slack does not say: doubled each time up to the second one. */
const RETRY = { firstMs: 1_000, lastMs: 30_000 } as const

/** How long to wait after Slack refused for good: doubled each time up to the second one. */
const REFUSED = { firstMs: 10_000, lastMs: 600_000 } as const

/** Digests of what was sent last, to send no edit that changes nothing. Forgotten, it costs one such edit. */
const LAST_SENT_AT_MOST = 20_000

export type Publishing = {
  readonly incidents: IncidentLog
  readonly conversations: Conversations
  readonly render: (surface: Surface, incident: Incident) => View
  /** A digest of a text that nobody can make two texts for. */
  readonly hash: (text: string) => string
  readonly clock: Clock
  readonly sleep: Sleep
  readonly log: Log
  readonly stopped: AbortSignal
  /** The channel takes no message of ours: say so to who asked, if that can be done. */
  readonly cannotPost: (incident: string, fault: Fault) => void
}

export type Publisher = {
  /** Brings every message of the incident up to date, soon. Returns at once. */
  refresh(id: string): void
  /** The same for many, one after the other: what happens now goes before what happened yesterday. */
  catchUp(ids: readonly string[]): void
  /** Tries again what Slack refused for good: somebody may have invited us, or made room. */
  retry(): void
  /** Resolves when nothing is left to send. */
  settled(): Promise<void>
}

type GivenUp = { readonly id: string; readonly failures: number; readonly dueAtMs: number }

/** Messages are projections: this sends what changed, once, and knows where each message is (J8). */
export function publisher(deps: Publishing): Publisher {
  const givenUp = new Map<string, GivenUp>()
  const lastSent = new LRUCache<string, { readonly view: string; readonly atMs: number }>({
    max: LAST_SENT_AT_MOST,
  })
  const sendOnce = sendingOnce(deps)

  const sending = oneAtATime(bringUpToDate)
  // One after the other, so that a thread reads in the order in which things happened.
  const posting = oneAtATime(async (id) => {
    try {
      for (const surface of surfacesOf(await deps.incidents.load(id))) {
        const message = messageOf(await deps.incidents.load(id), surface)
        if (message?.kind !== 'delivered') await sending.finish(keyOf(surface, id))
      }
    } catch (error) {
      deps.log.error('the messages of an incident cannot be sent', { incident: id, error })
    }
  })

  async function bringUpToDate(key: string): Promise<void> {
    const { surface, id } = partsOf(key)
    for (let failures = 0; !deps.stopped.aborted;) {
      try {
        const outcome = await bringOneUpToDate(id, surface, key)
        failures = 0
        givenUp.delete(key)
        // What belongs below it may have waited for it.
        if (outcome === 'posted') posting.run(id)
        if (outcome === 'unchanged') return
      } catch (error) {
        if (!(error instanceof Fault) || error.kind === 'terminal') {
          return giveUp(id, surface, key, error)
        }
        failures += 1
        deps.log.warn('a message waits for Slack', { incident: id, surface, error })
        await deps.sleep(error.retryAfterMs ?? backoffMs(failures, RETRY), deps.stopped)
      }
    }
  }

  function giveUp(id: string, surface: Surface, key: string, error: unknown): void {
    const failures = (givenUp.get(key)?.failures ?? 0) + 1
    givenUp.set(key, { id, failures, dueAtMs: deps.clock.now() + backoffMs(failures, REFUSED) })
    if (failures > 1) return
    deps.log.error('a message could not be sent', { incident: id, surface, error })
    if (error instanceof Fault && error.dependency === 'slack') {
      deps.cannotPost(id, error)
    }
  }

  async function bringOneUpToDate(
    id: string,
    surface: Surface,
    key: string,
  ): Promise<'posted' | 'unchanged' | 'again'> {
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

  function refresh(id: string): void {
    const incident = deps.incidents.inMemory(id)
    for (const surface of incident ? surfacesOf(incident) : []) {
      const posted = incident && postedAs(incident, surface) !== null
      if (posted && !isNote(surface)) sending.run(keyOf(surface, id))
    }
    posting.run(id)
  }

  return {
    refresh,
    catchUp(ids) {
      void (async () => {
        for (const id of ids) {
          refresh(id)
          await posting.finish(id)
          await sending.settled()
        }
      })()
    },
    retry() {
      for (const [key, { id, dueAtMs }] of givenUp) {
        if (dueAtMs > deps.clock.now()) continue
        if (deps.incidents.inMemory(id)?.closed) givenUp.delete(key)
        else sending.run(key)
      }
    },
    async settled() {
      while (sending.busy || posting.busy) {
        await Promise.all([sending.settled(), posting.settled()])
      }
    },
  }
}

function keyOf(surface: Surface, id: string): string {
  return `${surface}:${id}`
}

function partsOf(key: string): { readonly surface: Surface; readonly id: string } {
  const colon = key.indexOf(':')
  return { surface: Surface.parse(key.slice(0, colon)), id: key.slice(colon + 1) }
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
