import { LRUCache } from 'lru-cache'
import { toMs } from '../../domain/base/instant.ts'
import { isOpen, type Incident } from '../../domain/incident/incident.ts'
import { reportPromisedAt } from '../../domain/incident/report-state.ts'
import type { SteadyClock } from '../steady-clock.ts'

/** Of those that are not open: older ones are folded again when somebody asks for them. */
const KEPT_AT_MOST = 200

/** Incidents as they were folded last: the open ones for as long as they are, others while there is room. */
export function incidentMemory(clock: Pick<SteadyClock, 'reach'>) {
  const open = new Map<string, Incident>()
  const others = new LRUCache<string, Incident>({ max: KEPT_AT_MOST })
  /** Only their names: they are read again when the time has come. */
  const awaitingReport = new Map<string, string>()

  const inMemory = (id: string): Incident | null => open.get(id) ?? others.get(id) ?? null

  return {
    inMemory,
    awaitingReport,
    open: () => [...open.values()].toReversed(),
    remember(incident: Incident): Incident {
      const { id, sequence, changedAt } = incident
      if (sequence > 0) clock.reach(toMs(changedAt))
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
    },
    letGo(id: string): void {
      open.delete(id)
      others.delete(id)
    },
  }
}
