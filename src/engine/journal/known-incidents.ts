import { isOpen, type Incident } from '../../domain/incident/incident.ts'
import type { Place } from '../../domain/incident/intent.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'
import type { Journal } from '../../ports/journal.ts'
import type { Log } from '../../ports/log.ts'
import type { IncidentLog } from './incident-log.ts'

/** Looking incidents up. One whose events cannot be read is left out, and reported (J3). */
export type KnownIncidents = {
  load(id: string): Incident | null
  /** The declared ones, the newest first. */
  declared(): readonly Incident[]
  /** At most so many of them: older ones are not read. */
  newest(count: number): readonly Incident[]
  /** The declared ones that are not closed, the newest first. Asked often: what is closed is not read again. */
  open(): readonly Incident[]
  /** The declared incident whose thread this is. */
  inThread(place: Place): Incident | null
  /** Why nothing can be done with an incident of this name; `null` when it can be read. */
  whyNot(id: string): Refusal | null
}

export function knownIncidents(incidents: IncidentLog, journal: Journal, log: Log): KnownIncidents {
  const reported = new Set<string>()
  const closed = new Set<string>()

  function read(id: string): Incident | 'unreadable' {
    try {
      return incidents.load(id)
    } catch (error) {
      if (!reported.has(id)) {
        log.error('an incident cannot be read; a person has to look', { incident: id, error })
      }
      reported.add(id)
      return 'unreadable'
    }
  }

  function load(id: string): Incident | null {
    const incident = read(id)
    return incident === 'unreadable' || incident.sequence === 0 ? null : incident
  }

  function declared(): readonly Incident[] {
    return journal.declared().flatMap((id) => load(id) ?? [])
  }

  function newest(count: number): readonly Incident[] {
    return journal
      .declared()
      .slice(0, count)
      .flatMap((id) => load(id) ?? [])
  }

  /** What is closed stays closed. */
  function open(): readonly Incident[] {
    const rest = journal.declared().filter((id) => !closed.has(id))
    const loaded = rest.flatMap((id) => load(id) ?? [])
    for (const { id } of loaded.filter((incident) => !isOpen(incident))) closed.add(id)
    return loaded.filter(isOpen)
  }

  return {
    load,
    declared,
    newest,
    open,
    inThread: ({ channel, thread }) =>
      declared().find(({ messages: { headline } }) => {
        return headline?.kind === 'posted' && headline.channel === channel && headline.ts === thread
      }) ?? null,
    whyNot(id) {
      const incident = read(id)
      if (incident === 'unreadable') {
        return refused('journal-unavailable', 'this incident cannot be read; run verify-journal')
      }
      return incident.sequence > 0 ? null : refused('incident-unknown')
    },
  }
}
