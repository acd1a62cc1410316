import type { Actor } from '../base/actor.ts'
import type { RefusalReason } from '../base/refusal.ts'
import type { Event } from './event.ts'
import { incidentCan } from './incident-can.ts'
import type { Incident } from './incident.ts'
import type { Intent } from './intent.ts'

/** What goes into the report, that it is written, and that the world has it. */
export function ruleOnReport(
  incident: Incident,
  by: Actor,
  intent: Extract<Intent, { kind: 'add-to-timeline' | 'write-report' | 'report-published' }>,
): readonly Event[] | RefusalReason {
  switch (intent.kind) {
    case 'add-to-timeline': {
      const { at, text, link } = intent
      const can = incidentCan.addMoment(incident)
      if (can !== true) return can
      return [{ type: 'moment-added', by, at, text, ...(link === undefined ? {} : { link }) }]
    }
    case 'write-report': {
      const can = incidentCan.writeReport(incident)
      return can === true ? [{ type: 'report-requested', by }] : can
    }
    case 'report-published': {
      const can = incidentCan.publishReport(incident)
      return can === true ? [{ type: 'report-published', by }] : can
    }
    default:
      return intent satisfies never
  }
}
