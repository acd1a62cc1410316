import type { Event } from './event.ts'
import type { Illegal } from './illegal-event.ts'
import type { Incident } from './incident.ts'
import { isTold } from './report-state.ts'

type ReportEvent = Extract<Event, { type: `report-${string}` | 'moment-added' }>

/** From the wish for a report to its being published. Also of an incident that is closed. */
export function foldReport(
  incident: Incident,
  event: ReportEvent,
  at: string,
  illegal: Illegal,
): Incident {
  const { report, declared } = incident
  if (!declared) throw illegal('not declared')
  switch (event.type) {
    // Whoever writes the report knows more than the journal.
    case 'moment-added':
      return incident
    case 'report-requested':
      return { ...incident, report: { ...report, dueSince: report.dueSince ?? at } }
    case 'report-written': {
      if (report.dueSince === null) throw illegal('nobody asked for it')
      if (event.report !== report.written + 1)
        throw illegal(`expected report ${report.written + 1}`)
      const { ok, says } = event
      const last = { ok, says, at }
      return { ...incident, report: { ...report, dueSince: null, written: event.report, last } }
    }
    case 'report-missed':
      if (isTold(incident)) throw illegal('people were told already')
      return { ...incident, report: { ...report, missedAt: at } }
    case 'report-published':
      if (report.published) throw illegal('published twice')
      return { ...incident, report: { ...report, published: { by: event.by, at } } }
    default:
      return event satisfies never
  }
}
