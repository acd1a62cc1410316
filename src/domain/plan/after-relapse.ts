import type { Assessment } from '../assessment/assessment.ts'
import type { Event } from '../incident/event.ts'
import { activePlans, isOpen, planOf, type Incident } from '../incident/incident.ts'
import { troubleBegan } from '../assessment/trouble-began.ts'
import { toMs } from '../base/instant.ts'
import { isWatching } from '../watch/watch.ts'
import type { Symptom } from '../assessment/symptom.ts'
import { incidentCan } from '../incident/incident-can.ts'
import { procedureRequest } from './about-request.ts'
import { leftStanding } from './left-standing.ts'
import type { PlanRequest } from './plan-request.ts'

const CLOCK = 'clock'

/**
 * Production is bad again: the way back that the new assessment recommends is planned, so that people can
 * read and sign it at once; where a plan has brought a leak, it is that plan's undo. Once for each relapse, and only
 * where nobody has asked for a plan since. It is a plan like any other: nothing is done before it is signed.
 */
export function draftAfterRelapse(incident: Incident, assessment: Assessment): readonly Event[] {
  const { watch, plans } = incident
  if (!isOpen(incident) || !isWatching(watch) || watch.state !== 'relapse') return []
  if (activePlans(incident).length > 0) return []
  // Its card asks whether to go on or to go back: a plan laid beside it would take the place of that question.
  if (leftStanding(plans)) return []
  const since = toMs(watch.stateSince)
  if (plans.some(({ requestedAt }) => toMs(requestedAt) >= since)) return []
  const request = undoOfLeak(incident, assessment) ?? recommendedBy(assessment)
  if (!request) return []
  const began = troubleBegan(assessment)
  const told = began === undefined ? {} : { began }
  const by = { by: CLOCK, human: CLOCK }
  return [{ type: 'plan-requested', plan: plans.length + 1, ...by, request, ...told }]
}

function recommendedBy({ decision, recommended, procedures }: Assessment): PlanRequest | null {
  if (decision === 'do-not' || recommended === null) return null
  const isFeasible = procedures.some(({ name, feasible }) => name === recommended && feasible)
  return isFeasible ? procedureRequest(recommended, {}) : null
}

/** `null`: there is no leak, or there was one before the plan that is watched. */
function undoOfLeak(incident: Incident, assessment: Assessment): PlanRequest | null {
  const { watch, symptoms, timeline } = incident
  const plan = watch?.plan ?? null
  if (plan === null || !leaks(assessment) || symptoms.includes(LEAK)) return null
  const began = planOf(incident, plan)?.run?.startedAt
  const leakedBefore = timeline.some(({ at, event }) => {
    const isBefore = began === undefined || at < began
    return event.type === 'assessment-taken' && isBefore && leaks(event.assessment)
  })
  return !leakedBefore && incidentCan.undo(incident, plan) === true ? { kind: 'undo', plan } : null
}

const LEAK = 'cross-organisation-leak' satisfies Symptom

function leaks({ rules }: Assessment): boolean {
  return rules.some(({ rule, matched }) => rule === LEAK && matched === true)
}
