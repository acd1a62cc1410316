import type { Incident } from './incident.ts'
import type { RefusalReason } from './refusal.ts'
import type { Symptom } from './symptom.ts'

type Availability = true | RefusalReason

/** What may be done to an incident now. The button and the decision both ask here. */
export const incidentCan = {
  declare(incident: Incident): Availability {
    if (incident.closed) return 'incident-closed'
    return incident.declared ? 'already-declared' : true
  },
  checkAgain(incident: Incident): Availability {
    return incident.closed ? 'incident-closed' : true
  },
  reportSymptom(incident: Incident, symptom: Symptom): Availability {
    if (incident.closed) return 'incident-closed'
    return incident.symptoms.includes(symptom) ? 'already-reported' : true
  },
  close(incident: Incident): Availability {
    if (incident.closed) return 'incident-closed'
    return incident.declared ? true : 'not-declared'
  },
}
