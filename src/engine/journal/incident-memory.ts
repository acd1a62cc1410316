import { LRUCache } from 'lru-cache'
import { toMs } from '../../domain/base/instant.ts'
import type { JournaledEvent } from '../../domain/incident/event.ts'
import { applyEvent } from '../../domain/incident/fold.ts'
import { isOpen, type Incident } from '../../domain/incident/incident.ts'
import { reportPromisedAt } from '../../domain/incident/report-state.ts'
import type { SteadyClock } from '../steady-clock.ts'

/** Of those that are not open: older ones are folded again when somebody asks for them. */
const KEPT_AT_MOST = 200

/** Incidents as they were folded last: the open ones for as long as they are, others while there is room. */
export function incidentMemory(
  clock: Pick<SteadyClock, 'reach'>,
  /** Told once of each that cannot be read. */
  tellUnreadable: (id: string, error: unknown) => void,
) {
  const open = new Map<string, Incident>()
  const others = new LRUCache<string, Incident>({ max: KEPT_AT_MOST })
  /** Only their names: they are read again when the time has come. */
  const awaitingReport = new Map<string, string>()
  const unreadable = new Map<string, unknown>()

  const inMemory = (id: string): Incident | null => open.get(id) ?? others.get(id) ?? null

  function remember(incident: Incident): Incident {
    const { id, sequence, changedAt } = incident
    if (sequence > 0) clock.reach(toMs(changedAt))
    unreadable.delete(id)
    const before = inMemory(id)
    if (before && before.sequence >= sequence) return before
    const promised = reportPromisedAt(incident)
    if (promised === null) awaitingReport.delete(id)
    else awaitingReport.set(id, promised)
    if (isOpen(incident)) {
      open.set(id, incident)
      others.delete(id)
    } else {
      open.delete(id)
      if (sequence > 0) others.set(id, incident)
    }
    return incident
  }

  function letGo(id: string): void {
    open.delete(id)
    others.delete(id)
  }

  /** What is known of it is not all there is: nothing is done by it any more (J3). */
  function cannotRead(id: string, error: unknown): void {
    letGo(id)
    awaitingReport.delete(id)
    if (!unreadable.has(id)) tellUnreadable(id, error)
    unreadable.set(id, error)
  }

  return {
    inMemory,
    awaitingReport,
    unreadable,
    open: () => [...open.values()].toReversed(),
    /** What these make of it; throws where they cannot follow. */
    fold(before: Incident, events: readonly JournaledEvent[]): Incident {
      try {
        return remember(events.reduce(applyEvent, before))
      } catch (error) {
        cannotRead(before.id, error)
        throw error
      }
    },
    letGo,
    cannotRead,
  }
}
