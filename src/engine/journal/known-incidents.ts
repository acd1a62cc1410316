import { Fault } from '../../domain/base/fault.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { isOfNewerVersion } from '../../domain/incident/newer-version.ts'
import type { Place } from '../../domain/incident/place.ts'
import type { Journal } from '../../ports/journal.ts'
import type { Log } from '../../ports/log.ts'
import type { IncidentLog } from './incident-log.ts'

/** Looking incidents up. One whose events cannot be read is left out: it was told where it was found (J3). */
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
  /** The declared incident whose thread this is. Throws why it cannot be read: it is not that there is none. */
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

  async function read(id: string): Promise<Incident | 'unreadable' | Fault> {
    try {
      return await incidents.load(id)
    } catch (error) {
      // The journal does not answer now, which says nothing of the incident.
      if (error instanceof Fault && error.kind === 'retryable') {
        log.warn('an incident cannot be read now', { incident: id, error })
        return error
      }
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

  /** It was readable before others wrote to it: the ones beside it are answered all the same. */
  function unreadableNow(id: string): (error: unknown) => null {
    return (error) => {
      if (!incidents.unreadable().has(id)) throw error
      return null
    }
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
      const now = await Promise.all(
        found.map(({ id }) => incidents.current(id).catch(unreadableNow(id))),
      )
      return now.filter((one) => one !== null)
    },
    async inThread({ channel, thread }) {
      const id = thread === null ? null : await journal.inThread(channel, thread)
      return id === null ? null : incidents.load(id)
    },
    async whyNot(id) {
      const incident = await read(id)
      if (incident instanceof Fault) return refused('journal-unavailable', incident.detail)
      if (incident === 'unreadable') {
        if (isOfNewerVersion(incidents.unreadable().get(id)))
          return refused('left-to-newer-version')
        return refused('journal-unavailable', 'this incident cannot be read; run verify-journal')
      }
      return incident.sequence > 0 ? null : refused('incident-unknown')
    },
  }
}

function thatIsThere(incident: Incident | 'unreadable'): Incident | null {
  return incident === 'unreadable' || incident.sequence === 0 ? null : incident
}
