import type { Event } from '../../domain/incident/event.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { hasWritten } from '../../domain/plan/run.ts'
import { watchGoesOn } from '../../domain/plan/watch-goes-on.ts'
import { voidedBy, type Drift } from './planning.ts'
import type { Turn } from './step-record.ts'

/**
 * What is written down when the signatures do not hold: nothing was written, and the plan is void; or
 * something was, or it is not known, and then the step has to say so.
 */
export function gateClosed(
  { state, run, step }: Turn,
  incident: Incident,
  index: number,
  { closed, nowMs }: { readonly closed: Drift; readonly nowMs: number },
): readonly Event[] {
  const { number: plan } = state
  const says = closed.because.join('; ')
  if (step.kind === 'started' || hasWritten(run)) {
    const applied = step.kind === 'started' ? 'unknown' : 'no'
    return [{ type: 'step-failed', plan, step: index, applied, says }]
  }
  const [voided, ...anew] = voidedBy(closed, state, incident)
  return [
    ...(voided ? [voided] : []),
    { type: 'run-ended', plan, outcome: 'gate-closed', says },
    ...watchGoesOn(incident, run, nowMs),
    ...anew,
  ]
}
