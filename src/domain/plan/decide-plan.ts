import type { DecisionContext } from '../incident/decision-context.ts'
import type { Event } from '../incident/event.ts'
import { whyNotApprove, whyNotDeny } from './gate.ts'
import { incidentCan } from '../incident/incident-can.ts'
import { currentPlan, type Incident } from '../incident/incident.ts'
import type { Intent } from '../incident/intent.ts'
import { isGateOpen } from './plan-state.ts'
import type { PlanRequest } from './plan.ts'
import type { RefusalReason } from '../base/refusal.ts'
import { toIso } from '../base/instant.ts'

type Wish<K extends Intent['kind']> = Extract<Intent, { kind: K }>

/** What follows from a granted wish, or the reason why it is not granted. */
export type Ruling = readonly Event[] | RefusalReason

export function requestPlan(
  incident: Incident,
  request: PlanRequest,
  { person, approval }: DecisionContext,
): Ruling {
  const can =
    request.kind === 'undo' ? incidentCan.undo(incident, request.plan) : incidentCan.plan(incident)
  if (can !== true) return can
  if (approval.users.length + approval.groups.length === 0) return 'no-approvers'
  return [
    ...withdrawn(incident, person.id),
    planRequested(incident, wanted(incident, request), person),
  ]
}

/** The version that the incident was declared with, unless another one is named. */
function wanted({ declared }: Incident, request: PlanRequest): PlanRequest {
  if (request.kind !== 'kubernetes' || request.toVersion !== null) return request
  return { ...request, toVersion: declared?.toVersion ?? null }
}

export function planAgain(incident: Incident, plan: number, context: DecisionContext): Ruling {
  const before = incident.plans[plan - 1]
  return before ? requestPlan(incident, before.request, context) : 'stale-card'
}

/** Whoever names a way back in the form wants to see its plan. */
export function planOfForm(
  incident: Incident,
  { procedure, toVersion }: Wish<'start'>,
  { person, approval }: DecisionContext,
): readonly Event[] {
  const signers = approval.users.length + approval.groups.length
  if (procedure !== 'kubernetes' || signers === 0) return []
  return [planRequested(incident, { kind: 'kubernetes', toVersion }, person)]
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
  const state = currentPlan(incident)
  if (!state) return 'plan-ended'
  const reason = whyNotApprove(state, person, digest, nowMs, approval)
  if (reason) return reason
  const expiresAt = toIso(nowMs + approval.expiresMinutes * 60_000)
  return [{ type: 'plan-approved', plan, by: person.id, human: person.human, digest, expiresAt }]
}

/** One denial ends the gate. */
export function deny(
  incident: Incident,
  { plan, digest }: Wish<'deny'>,
  { person }: DecisionContext,
): Ruling {
  const can = incidentCan.sign(incident, plan)
  if (can !== true) return can
  const state = currentPlan(incident)
  if (!state) return 'plan-ended'
  return whyNotDeny(state, person, digest) ?? [{ type: 'plan-denied', plan, by: person.id }]
}

export function abort(incident: Incident, by: string): Ruling {
  const can = incidentCan.abort(incident)
  if (can !== true) return can
  return [{ type: 'abort-requested', plan: incident.plans.length, by }]
}

export function watch(incident: Incident, on: boolean): Ruling {
  const can = on ? incidentCan.watch(incident) : incidentCan.stopWatching(incident)
  if (can !== true) return can
  const number = incident.watch?.number ?? 0
  return on
    ? [{ type: 'watch-started', watch: number + 1, plan: null }]
    : [{ type: 'watch-ended', watch: number, because: 'stopped' }]
}

/** A plan that still waits makes room for the next one, or for the end of the incident. */
export function withdrawn(incident: Incident, by: string): Event[] {
  const state = currentPlan(incident)
  if (!state || state.run || state.ended) return []
  return isGateOpen(state) || state.plan === null
    ? [{ type: 'plan-withdrawn', plan: state.number, by }]
    : []
}
