import { Fault } from '../../domain/base/fault.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Place } from '../../domain/incident/place.ts'
import type { Journal } from '../../ports/journal.ts'
import type { Log } from '../../ports/log.ts'
import type { IncidentLog } from './incident-log.ts'

/** Looking incidents up. One whose events cannot be read is left out, and reported (J3). */
export type KnownIncidents = {
  load(id: string): Promise<Incident | null>
  /** The declared ones, the newest first, at most so many: older ones are not read. */
  newest(count: number): Promise<readonly Incident[]>
  /** Reads the open ones into memory: from then on they are followed there. Throws while the journal does not answer. */
  readOpen(): Promise<readonly Incident[]>
  /** Those with an event in the last `lastMs` milliseconds of the journal. Throws while it does not answer. */
  recent(lastMs: number): Promise<readonly Incident[]>
  /** The same, with what others have written of them since. */
  lately(lastMs: number): Promise<readonly Incident[]>
  /** The declared incident whose thread this is. */
  inThread(place: Place): Promise<Incident | null>
  /** Why nothing can be done with an incident of this name; `null` when it can be read. */
  whyNot(id: string): Promise<Refusal | null>
}

export function knownIncidents(deps: {
  readonly incidents: IncidentLog
  readonly journal: Journal
  readonly log: Log
  readonly breathe: () => Promise<void>
}): KnownIncidents {
  const { incidents, journal, log } = deps
  const reported = new Set<string>()

  async function read(id: string): Promise<Incident | 'unreadable' | Fault> {
    try {
      return await incidents.load(id)
    } catch (error) {
      // The journal does not answer now, which says nothing of the incident.
      if (error instanceof Fault && error.kind === 'retryable') {
        log.warn('an incident cannot be read now', { incident: id, error })
        return error
      }
      if (!reported.has(id)) {
        log.error('an incident cannot be read; a person has to look', { incident: id, error })
      }
      reported.add(id)
      return 'unreadable'
    }
  }

  async function load(id: string): Promise<Incident | null> {
    const incident = await read(id)
    return incident instanceof Fault ? null : thatIsThere(incident)
  }

  /** For whom one that is left out would be forgotten: throws the `Fault` of a journal that does not answer. */
  async function surely(id: string): Promise<Incident | null> {
    const incident = await read(id)
    if (incident instanceof Fault) throw incident
    return thatIsThere(incident)
  }

  async function each(ids: readonly string[], one = load): Promise<readonly Incident[]> {
    const found: Incident[] = []
    // One after the other: thousands at once would hold them all.
    for (const id of ids) {
      if (!incidents.inMemory(id)) await deps.breathe()
      const incident = await one(id)
      if (incident) found.push(incident)
    }
    return found
  }

  return {
    load,
    newest: async (count) => each(await journal.declared(count)),
    // The oldest first, so that the newest is the last one that was opened.
    readOpen: async () => each((await journal.open()).toReversed(), surely),
    recent: async (lastMs) => each(await journal.recent(lastMs), surely),
    async lately(lastMs) {
      const found = await each(await journal.recent(lastMs))
      return Promise.all(found.map(({ id }) => incidents.current(id)))
    },
    async inThread({ channel, thread }) {
      const id = thread === null ? null : await journal.inThread(channel, thread)
      return id === null ? null : load(id)
    },
    async whyNot(id) {
      const incident = await read(id)
      if (incident instanceof Fault) return refused('journal-unavailable', incident.detail)
      if (incident === 'unreadable') {
        return refused('journal-unavailable', 'this incident cannot be read; run verify-journal')
      }
      return incident.sequence > 0 ? null : refused('incident-unknown')
    },
  }
}

function thatIsThere(incident: Incident | 'unreadable'): Incident | null {
  return incident === 'unreadable' || incident.sequence === 0 ? null : incident
}
