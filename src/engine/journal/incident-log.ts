import { Fault } from '../../domain/base/fault.ts'
import { Event, type JournaledEvent } from '../../domain/incident/event.ts'
import type { ReceivedIntent } from '../../domain/incident/intent.ts'
import type { SteadyClock } from '../steady-clock.ts'
import { applyEvent } from '../../domain/incident/fold.ts'
import { holderAmong } from '../../domain/plan/fold-plan.ts'
import { newIncident, type Incident } from '../../domain/incident/incident.ts'
import { followOthers, type News } from './follow-others.ts'
import { incidentMemory } from './incident-memory.ts'
import { othersNews } from './others-news.ts'
import type { Append, Appended, Journal, Received } from '../../ports/journal.ts'

type Options = Pick<Append, 'holds'>
type Holder = Extract<Appended, { kind: 'held' }>['by']

export type Written =
  | { readonly kind: 'appended' }
  /** There was nothing to say in the newest state. */
  | { readonly kind: 'nothing' }
  | Extract<Appended, { kind: 'held' }>

/**
 * Incidents as folded from the journal (J3). Open ones stay in memory and are followed; what was folded
 * before is not folded again. A state holds only what is durable.
 */
export type IncidentLog = {
  /**
   * The newest state that is known here: what another process has appended may be missing, until it is
   * followed or an append meets it (J2). Throws when its events cannot be read.
   */
  load(id: string): Promise<Incident>
  /** The newest state there is: before something is done that no append stands in the way of. */
  current(id: string): Promise<Incident>
  /** The open ones, as far as they are known here; the newest first. */
  open(): readonly Incident[]
  /** Those that could not be read when it was tried last, and why. */
  unreadable(): ReadonlyMap<string, unknown>
  /** Closed ones whose report the world waits for, and since when; as far as they are known here. */
  awaitingReport(): ReadonlyMap<string, string>
  /** The same incident without asking the journal, if it is in memory. */
  inMemory(id: string): Incident | null
  /**
   * Appends what `next` makes of the newest state, again until nobody was faster (J2). `null`: nothing
   * to say. Resolves when it is durable.
   */
  append(
    id: string,
    next: (incident: Incident) => readonly Event[] | null,
    options?: Options,
  ): Promise<Written>
  /** Appends what is legal in every state, without waiting for others who append. */
  receive(id: string, event: Event, seen: 0 | 'any', delivery: string): Promise<Appended['kind']>
  /** The same for several that belong together: all of them, or none. Throws where one could not be read back. */
  receiveTogether(
    id: string,
    received: readonly ReceivedIntent[],
    seen: number | 'any',
  ): Promise<Appended['kind']>
  /** What was received under keys that begin so, by whomever; the greatest key first. */
  receivedUnder(prefix: string, count: number): Promise<readonly Received[]>
  /** A plan that is not carried out any more holds nothing, whoever forgot to say so. */
  release(id: string, plan: number): Promise<void>
  /** Takes up what other processes have appended; answers of which incidents. */
  follow(): Promise<News>
}

export function incidentLog(
  everything: Journal,
  clock: Pick<SteadyClock, 'reach'>,
  /** Between one page of what others have appended and the next. */
  pause: () => Promise<void> = async () => {},
  /** Told once of each incident that cannot be read, and why. */
  tellUnreadable: (id: string, error: unknown) => void = () => {},
): IncidentLog {
  const memory = incidentMemory(clock, tellUnreadable)
  const { inMemory, open, awaitingReport, unreadable } = memory
  const journal = othersNews(everything)
  const turns = new Map<string, Promise<unknown>>()

  async function load(id: string): Promise<Incident> {
    return inMemory(id) ?? readOn(newIncident(id))
  }

  async function readOn(before: Incident): Promise<Incident> {
    return memory.fold(before, await journal.read(before.id, before.sequence).catch(unread))

    function unread(error: unknown): never {
      // That the journal does not answer now says nothing of the incident.
      if (error instanceof Fault && error.kind === 'terminal') memory.cannotRead(before.id, error)
      throw error
    }
  }

  /** What follows directly is applied; where something is missing in between, it is read. */
  async function take(id: string, events: readonly JournaledEvent[]): Promise<void> {
    const before = inMemory(id) ?? newIncident(id)
    const news = events.filter(({ sequence }) => sequence > before.sequence)
    if (news[0]?.sequence === before.sequence + 1) memory.fold(before, news)
    else if (news.length > 0) await readOn(before)
  }

  async function appendNow(
    id: string,
    next: (incident: Incident) => readonly Event[] | null,
    options: Options,
  ): Promise<Written> {
    for (;;) {
      const incident = await load(id)
      const events = next(incident)
      if (!events || (events.length === 0 && !options.holds)) return { kind: 'nothing' }
      const by = heldWithin(incident, options)
      if (by) return { kind: 'held', by }
      // What cannot follow is not written: durable, it would stop the incident for good (J3).
      events.reduce(follows, incident)
      const appended = await journal.append({
        incident: id,
        seen: incident.sequence,
        events,
        ...options,
        ...releasedBy(events),
      })
      if (appended.kind === 'held') return appended
      if (appended.kind === 'appended') {
        await take(id, appended.events)
        return { kind: 'appended' }
      }
      const now = await readOn(await load(id))
      if (now.sequence === incident.sequence) throw forgotten(now)
    }
  }

  return {
    load,
    current: async (id) => readOn(await load(id)),
    inMemory,
    open,
    unreadable: () => unreadable,
    awaitingReport: () => awaitingReport,
    // One after the other, so that each sees what the one before has written.
    append(id, next, options = {}) {
      const before = turns.get(id) ?? Promise.resolve()
      const turn = before.catch(() => undefined).then(() => appendNow(id, next, options))
      turns.set(id, turn)
      const forget = (): void => {
        if (turns.get(id) === turn) turns.delete(id)
      }
      turn.then(forget, forget)
      return turn
    },
    async receive(id, event, seen, delivery) {
      const appended = await journal.append({ incident: id, seen, events: [event], delivery })
      // Durable it is, whether or not it can be read here.
      if (appended.kind === 'appended') {
        await take(id, appended.events).catch(() => memory.letGo(id))
      }
      return appended.kind
    },
    async receiveTogether(id, received, seen) {
      const appended = await journal.append({
        incident: id,
        seen,
        events: received.map(readableEvent),
        deliveries: received.map(({ delivery }) => delivery),
      })
      if (appended.kind === 'appended') await take(id, appended.events)
      return appended.kind
    },
    receivedUnder: (prefix, count) => journal.receivedUnder(prefix, count),
    async release(id, plan) {
      await journal.append({ incident: id, seen: 'any', events: [], releases: plan })
    },
    follow: followOthers({
      journal,
      isInMemory: (id) => inMemory(id) !== null,
      unreadable,
      take,
      readOn: async (id) => readOn(inMemory(id) ?? newIncident(id)),
      letGo: memory.letGo,
      pause,
    }),
  }
}

/** What could not be read back would stop the incident for good (J3): it throws before it is written. */
function readableEvent(received: ReceivedIntent): Event {
  const event: Event = { type: 'intent-received', received }
  Event.parse(event)
  return event
}

/** A run that has ended holds nothing any more. */
function releasedBy(events: readonly Event[]): Pick<Append, 'releases'> {
  const ended = events.find((event) => event.type === 'run-ended')
  return ended ? { releases: ended.plan } : {}
}

/** What the journal would answer, were it asked for what cannot follow. */
function heldWithin({ id, plans }: Incident, { holds }: Options): Holder | null {
  const plan = holds ? holderAmong(plans, holds.plan) : null
  return plan === null ? null : { incident: id, plan }
}

/** Another writer was there first, and there is nothing new: what is remembered here is not there any more. */
function forgotten({ id, sequence }: Incident): Fault {
  const detail = `the journal does not hold what was read from it: event ${sequence} of incident ${id} is lost, as after a failover to a standby that did not have it. Look at production, and start Backout again`
  return new Fault({ kind: 'terminal', dependency: 'journal', detail, code: 'history-lost' })
}

function follows(incident: Incident, event: Event): Incident {
  const { id, sequence, changedAt: at } = incident
  return applyEvent(incident, { incident: id, sequence: sequence + 1, at, event })
}
