import type { Actor } from '../base/actor.ts'
import type { Ruling } from '../plan/decide-plan.ts'
import { granted } from './decide-life.ts'
import { incidentCan } from './incident-can.ts'
import type { Incident } from './incident.ts'
import type { Intent } from './intent.ts'

/** What goes into the report, that it is written, and that the world has it. */
export function ruleOnReport(
  incident: Incident,
  by: Actor,
  intent: Extract<Intent, { kind: 'add-to-timeline' | 'write-report' | 'report-published' }>,
): Ruling {
  switch (intent.kind) {
    case 'add-to-timeline': {
      const { at, text, link } = intent
      return granted(incidentCan.addMoment(incident), () => [
        { type: 'moment-added', by, at, text, ...(link === undefined ? {} : { link }) },
      ])
    }
    case 'write-report':
      return granted(incidentCan.writeReport(incident), () => [{ type: 'report-requested', by }])
    case 'report-published':
      return granted(incidentCan.publishReport(incident), () => [{ type: 'report-published', by }])
    default:
      return intent satisfies never
  }
}
