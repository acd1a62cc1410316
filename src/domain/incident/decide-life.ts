import type { Actor } from '../base/actor.ts'
import type { RefusalReason } from '../base/refusal.ts'
import { withdrawn, type Ruling } from '../plan/decide-plan.ts'
import { isWatching } from '../watch/watch.ts'
import type { Event } from './event.ts'
import { incidentCan } from './incident-can.ts'
import type { Incident } from './incident.ts'
import type { Intent } from './intent.ts'

/** What follows, if it may be done at all. */
export function granted(can: true | RefusalReason, events: () => readonly Event[]): Ruling {
  return can === true ? events() : can
}

/** What ends an incident, takes it up again, or says what it is and who leads it. */
export function ruleOnEnd(
  incident: Incident,
  by: Actor,
  intent: Extract<Intent, { kind: 'close' | 'reopen' | 'edit' | 'fix-deployed' | 'take-lead' }>,
): Ruling {
  switch (intent.kind) {
    case 'close':
      return granted(incidentCan.close(incident), () => [
        ...withdrawn(incident, by),
        { type: 'incident-closed', by, ...(intent.closing && { closing: intent.closing }) },
        { type: 'report-requested', by },
      ])
    case 'reopen':
      return granted(incidentCan.reopen(incident), () => reopened(incident, by))
    case 'edit':
      return granted(incidentCan.edit(incident), () => [
        { type: 'incident-edited', by, edit: intent.edit },
      ])
    case 'fix-deployed':
      return granted(incidentCan.fixDeployed(incident), () => [{ type: 'fix-deployed', by }])
    case 'take-lead':
      return granted(incidentCan.takeLead(incident, by), () => [leadTaken(incident, by)])
    default:
      return intent satisfies never
  }
}

export function ruleOnSymptom(
  incident: Incident,
  by: Actor,
  { kind, symptom }: Extract<Intent, { kind: 'report-symptom' | 'retract-symptom' }>,
): Ruling {
  const reports = kind === 'report-symptom'
  const can = reports
    ? incidentCan.reportSymptom(incident, symptom)
    : incidentCan.retractSymptom(incident, symptom)
  return granted(can, () => [
    { type: reports ? 'symptom-reported' : 'symptom-retracted', by, symptom },
    { type: 'assessment-requested', by },
  ])
}

function leadTaken({ lead }: Incident, by: Actor): Event {
  return { type: 'lead-taken', by, ...(lead ? { from: lead.by } : {}) }
}

/** Nobody has watched meanwhile: what the last watch claims is over, and production is looked at anew. */
function reopened(incident: Incident, by: Actor): readonly Event[] {
  const watched = incident.watch
  return [
    { type: 'incident-reopened', by },
    ...(isWatching(watched)
      ? [{ type: 'watch-ended', watch: watched.number, because: 'stopped' } as const]
      : []),
    { type: 'assessment-requested', by },
  ]
}
