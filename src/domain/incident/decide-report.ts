import type { Actor } from '../base/actor.ts'
import type { RefusalReason } from '../base/refusal.ts'
import type { Event } from './event.ts'
import { incidentCan } from './incident-can.ts'
import type { Incident } from './incident.ts'
import type { Intent } from './intent.ts'

/** What goes into the report. */
export function ruleOnReport(
  incident: Incident,
  by: Actor,
  intent: Extract<Intent, { kind: 'add-to-timeline' }>,
): readonly Event[] | RefusalReason {
  const { at, text, link } = intent
  const can = incidentCan.addMoment(incident)
  if (can !== true) return can
  return [{ type: 'moment-added', by, at, text, ...(link === undefined ? {} : { link }) }]
}
