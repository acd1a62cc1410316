import type { Assessment } from '../assessment/assessment.ts'
import type { Event } from '../incident/event.ts'
import { activePlans, isOpen, type Incident } from '../incident/incident.ts'
import { troubleBegan } from '../assessment/trouble-began.ts'
import { toMs } from '../base/instant.ts'
import { isWatching } from '../watch/watch.ts'
import { procedureRequest } from './about-request.ts'

const CLOCK = 'clock'

/**
 * Production is bad again: the way back that the new assessment recommends is planned, so that people can
 * read and sign it at once. Once for each relapse, and only where nobody has asked for a plan since. It is
 * a plan like any other: nothing is done before it is signed.
 */
export function draftAfterRelapse(incident: Incident, assessment: Assessment): readonly Event[] {
  const { watch, plans } = incident
  const { decision, recommended, procedures } = assessment
  if (!isOpen(incident) || !isWatching(watch) || watch.state !== 'relapse') return []
  if (decision === 'do-not' || recommended === null || activePlans(incident).length > 0) return []
  if (!procedures.some(({ name, feasible }) => name === recommended && feasible)) return []
  const since = toMs(watch.stateSince)
  if (plans.some(({ requestedAt }) => toMs(requestedAt) >= since)) return []
  const request = procedureRequest(recommended, {})
  const began = troubleBegan(assessment)
  const told = began === undefined ? {} : { began }
  const by = { by: CLOCK, human: CLOCK }
  return [{ type: 'plan-requested', plan: plans.length + 1, ...by, request, ...told }]
}
