import { Surface, type Event } from '../../domain/incident/event.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Place } from '../../domain/incident/intent.ts'
import { isInThread, isNote, placeOf, surfacesOf } from '../../domain/incident/surfaces.ts'
import type { View } from '../../domain/base/view.ts'
import type { Clock, Sleep } from '../../ports/clock.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { recentlyUsed } from '../recently-used.ts'

/** Slack shows an edited message no more often than this; so do we. */
const BETWEEN_EDITS_MS = 1_000

/** How long to wait before trying again when Slack does not say: doubled each time up to the second one. */
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 30_000

/**
 * How long a post of another process may still be on its way: longer than any call of ours. Until
 * then nothing is posted in its stead (J5).
 */
const IN_FLIGHT_MS = 6_000
const LOOK_AGAIN_MS = 500

/** How long to wait after Slack refused for good: doubled each time up to the second one. */
const AGAIN_AFTER_MS = 10_000
const AGAIN_AT_LATEST_MS = 600_000

/** Digests of what was sent last, to send no edit that changes nothing. Forgotten, it costs one such edit. */
const LAST_SENT_AT_MOST = 20_000

/** Clocks differ: a message is looked for from this long before it was sent. */
const CLOCK_SLACK_MS = 120_000

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

type GivenUp = {
  readonly id: string
  readonly waitMs: number
  readonly dueAtMs: number
}

/** Messages are projections: this sends what changed, once, and knows where each message is (J8). */
export function publisher(deps: Publishing): Publisher {
  const givenUp = new Map<string, GivenUp>()
  const startedHere = new Set<string>()
  const lastSent = recentlyUsed<{ readonly view: string; readonly atMs: number }>(LAST_SENT_AT_MOST)

  const sending = oneAtATime(bringUpToDate)
  // One after the other, so that a thread reads in the order in which things happened.
  const posting = oneAtATime(async (id) => {
    try {
      for (const surface of surfacesOf(deps.incidents.load(id))) {
        const message = deps.incidents.load(id).messages[surface]
        if (message?.kind !== 'posted') await sending.finish(keyOf(surface, id))
      }
    } catch (error) {
      deps.log.error('the messages of an incident cannot be sent', { incident: id, error })
    }
  })

  async function bringUpToDate(key: string): Promise<void> {
    const { surface, id } = partsOf(key)
    for (let failures = 0; !deps.stopped.aborted;) {
      try {
        const outcome = await sendOnce(id, surface, key)
        failures = 0
        givenUp.delete(key)
        // What belongs below it may have waited for it.
        if (outcome === 'posted') posting.run(id)
        if (outcome === 'unchanged') return
      } catch (error) {
        if (!(error instanceof Fault) || error.kind === 'terminal') {
          return giveUp(id, surface, key, error)
        }
        const backoffMs = Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS)
        failures += 1
        deps.log.warn('a message waits for Slack', { incident: id, surface, error })
        await deps.sleep(error.retryAfterMs ?? backoffMs, deps.stopped)
      }
    }
  }

  function giveUp(id: string, surface: Surface, key: string, error: unknown): void {
    const before = givenUp.get(key)
    const waitMs = Math.min((before?.waitMs ?? AGAIN_AFTER_MS / 2) * 2, AGAIN_AT_LATEST_MS)
    givenUp.set(key, { id, waitMs, dueAtMs: deps.clock.now() + waitMs })
    if (before) return
    deps.log.error('a message could not be sent', { incident: id, surface, error })
    if (error instanceof Fault && error.dependency === 'slack') {
      deps.cannotPost(id, error)
    }
  }

  async function sendOnce(
    id: string,
    surface: Surface,
    key: string,
  ): Promise<'posted' | 'unchanged' | 'again'> {
    const incident = deps.incidents.load(id)
    const place = placeOf(surface, incident)
    if (!place) return 'unchanged'
    const message = incident.messages[surface]
    const view = deps.render(surface, incident)
    const rendered = deps.hash(JSON.stringify(view))

    if (message?.kind !== 'posted') {
      if (message) {
        // A process before us, or a lost reply, may have posted it already: look first (J4).
        const since = Date.parse(message.since) - CLOCK_SLACK_MS
        const found = await deps.conversations.find(message.place, key, since)
        if (found) return remember(found.ts, message.place)
        const ageMs = deps.clock.now() - Date.parse(message.since)
        // Negative: the clock was set back, and that was long ago by any other clock.
        if (!startedHere.has(key) && ageMs >= 0 && ageMs < IN_FLIGHT_MS) {
          await deps.sleep(LOOK_AGAIN_MS, deps.stopped)
          return 'again'
        }
      } else {
        const claimed = deps.incidents.append(id, ({ messages }) =>
          messages[surface] ? null : [{ type: 'message-posting', surface, place }],
        )
        if (claimed !== 'appended') return 'again'
        startedHere.add(key)
      }
      const { ts } = await deps.conversations.post(place, view, key)
      lastSent.set(key, { view: rendered, atMs: 0 })
      return remember(ts, place)
    }

    const sent = lastSent.get(key)
    if (sent?.view === rendered) return 'unchanged'
    const sinceMs = deps.clock.now() - (sent?.atMs ?? 0)
    if (sinceMs >= 0 && sinceMs < BETWEEN_EDITS_MS) {
      await deps.sleep(BETWEEN_EDITS_MS - sinceMs, deps.stopped)
      return 'again'
    }
    try {
      await deps.conversations.update(message, view, key)
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'message_not_found') throw error
      deps.incidents.append(id, (newest) => {
        const { [surface]: now } = newest.messages
        return now?.kind === 'posted' && now.ts === message.ts ? lost(surface, newest) : null
      })
      return 'again'
    }
    lastSent.set(key, { view: rendered, atMs: deps.clock.now() })
    return 'again'

    /** Only if it is still wanted there: its headline may have been lost meanwhile. */
    function remember(ts: string, { channel, thread }: Place): 'posted' | 'again' {
      const written = deps.incidents.append(id, ({ messages: { [surface]: now } }) => {
        const wanted = now?.kind === 'posting' && now.place.thread === thread
        return wanted ? [{ type: 'message-posted', surface, channel, ts }] : null
      })
      startedHere.delete(key)
      return written === 'appended' ? 'posted' : 'again'
    }
  }

  function refresh(id: string): void {
    const incident = deps.incidents.load(id)
    for (const surface of surfacesOf(incident)) {
      const posted = incident.messages[surface]?.kind === 'posted'
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
        if (deps.incidents.load(id).closed) givenUp.delete(key)
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
  const gone: Event = { type: 'message-lost', surface, because: 'somebody deleted it' }
  if (surface !== 'headline') return [gone]
  // What was only told, is not told twice.
  const again = surfacesOf(incident).filter((one) => {
    return incident.messages[one] && isInThread(one) && !isNote(one)
  })
  return [
    gone,
    ...again.map((one): Event => {
      return { type: 'message-lost', surface: one, because: 'its headline is lost' }
    }),
  ]
}
