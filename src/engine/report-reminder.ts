import { toMs } from '../domain/base/instant.ts'
import type { Rules } from '../domain/incident/next-action.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { IncidentLog } from './journal/incident-log.ts'
import type { KnownIncidents } from './journal/known-incidents.ts'

const HOUR_MS = 60 * 60_000

/** Closed incidents are looked after no more, but for this: a report that the world waits for. */
export function reportReminder(deps: {
  readonly incidents: Pick<IncidentLog, 'awaitingReport'>
  readonly known: Pick<KnownIncidents, 'recent'>
  readonly clock: Clock
  readonly rules: Pick<Rules, 'reportHours'>
  readonly run: (id: string) => void
  readonly log: Log
}) {
  const { incidents, known, clock, run, log } = deps
  const hours = deps.rules.reportHours ?? 0
  let read = false

  return {
    /** Wakes those whose time has come; what is due is for the rules to say. Never throws. */
    async remind(): Promise<void> {
      if (hours === 0) return
      // Once after a start: those of that time, and of a day more in which nobody may have run.
      try {
        if (!read) await known.recent((hours + 24) * HOUR_MS)
        read = true
      } catch (error) {
        log.warn('who waits for a report cannot be read; it is tried again', { error })
      }
      for (const [id, since] of incidents.awaitingReport()) {
        if (clock.now() >= toMs(since) + hours * HOUR_MS) run(id)
      }
    },
  }
}
