import type { ChecklistItem } from './checklist.ts'
import { currentPlan, type Incident } from './incident.ts'
import { isGateOpen } from '../plan/plan-state.ts'
import type { PlanRequest } from '../plan/plan.ts'
import type { RefusalReason } from '../base/refusal.ts'
import { mayHaveWritten, isRunning } from '../plan/run.ts'
import type { StatusStage } from './status-page.ts'
import type { Symptom } from '../assessment/symptom.ts'

/** What leaves another state behind. What is cleared or restarted is as it was, and has no way back. */
const LASTS: ReadonlySet<PlanRequest['kind']> = new Set([
  'kubernetes',
  'scale-down',
  'maintenance',
  'resume',
  'undo',
])

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
    if (isRunning(currentPlan(incident)?.run ?? null)) return 'run-in-progress'
    return incident.declared ? true : 'not-declared'
  },
  /** A new plan takes the place of one that still waits for signatures. */
  plan(incident: Incident): Availability {
    if (incident.closed) return 'incident-closed'
    return isRunning(currentPlan(incident)?.run ?? null) ? 'run-in-progress' : true
  },
  /** Whether signatures are wanted at all; whose count is for the gate to say. */
  sign(incident: Incident, plan: number): Availability {
    if (incident.closed) return 'incident-closed'
    const current = currentPlan(incident)
    return current?.number === plan && isGateOpen(current) ? true : 'plan-ended'
  },
  abort(incident: Incident): Availability {
    if (incident.closed) return 'incident-closed'
    const run = currentPlan(incident)?.run ?? null
    return isRunning(run) && !run.abort ? true : 'nothing-to-abort'
  },
  /** Whether the plan has left something to undo. That it can be undone is for the new plan to say. */
  undo(incident: Incident, plan: number): Availability {
    const can = incidentCan.plan(incident)
    if (can !== true) return can
    const state = incident.plans[plan - 1]
    const written = state?.run?.ended && mayHaveWritten(state.run)
    return written && LASTS.has(state.request.kind) ? true : 'nothing-to-undo'
  },
  watch(incident: Incident): Availability {
    if (incident.closed) return 'incident-closed'
    if (!incident.declared) return 'not-declared'
    return incident.watch && !incident.watch.ended ? 'watched-already' : true
  },
  stopWatching(incident: Incident): Availability {
    if (incident.closed) return 'incident-closed'
    return incident.watch && !incident.watch.ended ? true : 'not-watched'
  },
  tick(incident: Incident, item: ChecklistItem): Availability {
    if (incident.closed) return 'incident-closed'
    if (!incident.declared) return 'not-declared'
    return incident.ticked[item] ? 'already-ticked' : true
  },
  answerStatus(incident: Incident, stage: StatusStage): Availability {
    const prompt = incident.statusPage[stage]
    if (!prompt) return 'stale-card'
    return prompt.decided ? 'status-decided' : true
  },
}
