import type { Event } from '../../domain/incident/event.ts'
import { applyEvent } from '../../domain/incident/fold.ts'
import { newIncident, type Incident } from '../../domain/incident/incident.ts'
import type { Appended, Journal } from '../../ports/journal.ts'
import { recentlyUsed } from '../recently-used.ts'

/** Older ones are folded again when somebody asks for them. */
const FOLDED_AT_MOST = 200

/** Incidents as folded from the journal; what was folded before is not folded again (J3). */
export type IncidentLog = {
  load(id: string): Incident
  /** Appends what `next` makes of the newest state, again until nobody was faster (J2). `null`: nothing to say. */
  append(
    id: string,
    next: (incident: Incident) => readonly Event[] | null,
    options?: { readonly delivery?: string },
  ): 'appended' | 'duplicate' | 'nothing'
  /** Appends of several incidents with one wait for the disk: all are durable, or none. */
  together<Result>(run: () => Result): Result
}

function follow(incident: Incident, event: Event): Incident {
  const { id, sequence, changedAt: at } = incident
  return applyEvent(incident, { incident: id, sequence: sequence + 1, at, event })
}

export function incidentLog(journal: Journal): IncidentLog {
  const folded = recentlyUsed<Incident>(FOLDED_AT_MOST)

  function load(id: string): Incident {
    const before = folded.get(id) ?? newIncident(id)
    const incident = journal.read(id, before.sequence).reduce(applyEvent, before)
    if (incident.sequence > 0) folded.set(id, incident)
    return incident
  }

  return {
    load,
    append(id, next, options) {
      for (;;) {
        const incident = load(id)
        const events = next(incident)
        if (!events || events.length === 0) return 'nothing'
        // What cannot follow is not written: durable, it would stop the incident for good (J3).
        events.reduce(follow, incident)
        const appended: Appended = journal.append(id, incident.sequence, events, options)
        if (appended.kind === 'duplicate') return 'duplicate'
        if (appended.kind === 'appended') return 'appended'
      }
    },
    together(run) {
      try {
        return journal.together(run)
      } catch (error) {
        // What was folded inside may never have happened.
        folded.clear()
        throw error
      }
    },
  }
}

/** The same log; whatever is appended through it is shown, once it is durable (J8). */
export function shownAsItHappens(incidents: IncidentLog, show: (id: string) => void): IncidentLog {
  let uncommitted: Set<string> | null = null
  return {
    load: incidents.load,
    append(id, next, options) {
      const written = incidents.append(id, next, options)
      if (written !== 'appended') return written
      if (uncommitted) uncommitted.add(id)
      else show(id)
      return written
    },
    together(run) {
      const touched = new Set<string>()
      uncommitted = touched
      try {
        const result = incidents.together(run)
        uncommitted = null
        for (const id of touched) show(id)
        return result
      } finally {
        uncommitted = null
      }
    },
  }
}
