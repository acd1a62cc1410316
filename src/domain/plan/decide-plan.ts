import { procedureRequest, undonePlan } from './about-request.ts'
import type { PlanRequest } from './plan-request.ts'
import type { Actor } from '../base/actor.ts'
import { toIso } from '../base/instant.ts'
import type { RefusalReason } from '../base/refusal.ts'
import type { DecisionContext } from '../incident/decision-context.ts'
import type { Event } from '../incident/event.ts'
import { incidentCan, touchSame } from '../incident/incident-can.ts'
import { planOf, type Incident } from '../incident/incident.ts'
import type { Intent } from '../incident/intent.ts'
import { rolesOf, whyNotApprove, whyNotDeny } from './gate.ts'
import type { PlanState } from './plan-state.ts'

type Wish<K extends Intent['kind']> = Extract<Intent, { kind: K }>

/** What follows from a granted wish, or the reason why it is not granted. */
export type Ruling = readonly Event[] | RefusalReason

export function requestPlan(
  incident: Incident,
  request: PlanRequest,
  { person, approval }: DecisionContext,
): Ruling {
  const undone = undonePlan(request)
  const can =
    undone === null ? incidentCan.plan(incident, request) : incidentCan.undo(incident, undone)
  if (can !== true) return can
  if (approval.users.length + approval.groups.length === 0) return 'no-approvers'
  return [
    ...withdrawn(incident, person.id, (other) => touchSame(incident, other.request, request)),
    planRequested(incident, wanted(incident, request), person),
  ]
}

/** The version that the incident was declared with, unless another one is named. */
function wanted({ declared }: Incident, request: PlanRequest): PlanRequest {
  if (!('toVersion' in request) || request.toVersion !== null) return request
  return { ...request, toVersion: declared?.toVersion ?? null }
}

export function planAgain(incident: Incident, plan: number, context: DecisionContext): Ruling {
  const before = planOf(incident, plan)
  if (!before) return 'stale-card'
  // A note keeps its button for good: what it stands for may have had a newer plan since.
  const can = incidentCan.planAgain(incident, plan)
  return can === true ? requestPlan(incident, before.request, context) : can
}

/** Whoever names a way back in the form wants to see its plan. */
export function planOfForm(
  incident: Incident,
  { procedure, toVersion }: Wish<'start'>,
  { person, approval }: DecisionContext,
): readonly Event[] {
  const signers = approval.users.length + approval.groups.length
  if (procedure === null || signers === 0) return []
  return [planRequested(incident, procedureRequest(procedure, { toVersion }), person)]
}

function planRequested(
  incident: Incident,
  request: PlanRequest,
  { id: by, human }: DecisionContext['person'],
): Event {
  return { type: 'plan-requested', plan: incident.plans.length + 1, by, human, request }
}

export function approve(
  incident: Incident,
  { plan, digest }: Wish<'approve'>,
  { person, approval, nowMs }: DecisionContext,
): Ruling {
  const can = incidentCan.sign(incident, plan)
  if (can !== true) return can
  const state = planOf(incident, plan)
  if (!state) return 'plan-ended'
  const reason = whyNotApprove(state, person, digest, nowMs, approval)
  if (reason) return reason
  const expiresAt = toIso(nowMs + approval.expiresMinutes * 60_000)
  const { id: by, human } = person
  const roles = [...rolesOf(person)]
  return [{ type: 'plan-approved', plan, by, human, digest, expiresAt, roles }]
}

/** One denial ends the gate. */
export function deny(
  incident: Incident,
  { plan, digest, reason }: Wish<'deny'>,
  { person }: DecisionContext,
): Ruling {
  const can = incidentCan.sign(incident, plan)
  if (can !== true) return can
  const state = planOf(incident, plan)
  if (!state) return 'plan-ended'
  const why = reason === undefined ? {} : { reason }
  return whyNotDeny(state, person, digest) ?? [{ type: 'plan-denied', plan, by: person.id, ...why }]
}

/** `plan`: `null` for the one that is under way. */
export function abort(incident: Incident, plan: number | null, by: Actor): Ruling {
  const [only, ...more] = incidentCan.abortable(incident)
  const number = plan ?? only
  if (plan === null && more.length > 0) return 'which-plan'
  if (number === undefined) return incident.closed ? 'incident-closed' : 'nothing-to-abort'
  const can = incidentCan.abort(incident, number)
  return can === true ? [{ type: 'abort-requested', plan: number, by }] : can
}

export function watch(incident: Incident, { on }: { readonly on: boolean }): Ruling {
  const can = on ? incidentCan.watch(incident) : incidentCan.stopWatching(incident)
  if (can !== true) return can
  const number = incident.watch?.number ?? 0
  return on
    ? [{ type: 'watch-started', watch: number + 1, plan: null }]
    : [{ type: 'watch-ended', watch: number, because: 'stopped' }]
}

/** Plans that still wait make room for the next one, or for the end of the incident. */
export function withdrawn(
  { plans }: Incident,
  by: Actor,
  which: (state: PlanState) => boolean = () => true,
): Event[] {
  return plans
    .filter((state) => state.run === null && state.ended === null && which(state))
    .map(({ number }) => ({ type: 'plan-withdrawn', plan: number, by }))
}
