import { procedureRequest, undonePlan } from './about-request.ts'
import { nextRequest } from './next-request.ts'
import type { PlanRequest } from './plan-request.ts'
import { troubleBegan } from '../assessment/trouble-began.ts'
import { actorParts, type Actor } from '../base/actor.ts'
import { toIso } from '../base/instant.ts'
import { refused, type Refusal, type RefusalReason } from '../base/refusal.ts'
import type { Via } from '../base/via.ts'
import { scheduleFrom, type Schedule } from '../watch/schedule.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import type { DecisionContext } from '../incident/decision-context.ts'
import type { Event } from '../incident/event.ts'
import { incidentCan, touchSame } from '../incident/incident-can.ts'
import { planOf, type Incident } from '../incident/incident.ts'
import type { Intent } from '../incident/intent.ts'
import { rolesOf, standingApprovals, whyNotApprove, whyNotDeny } from './gate.ts'
import { isWaiting, type PlanState } from './plan-state.ts'

type Wish<K extends Intent['kind']> = Extract<Intent, { kind: K }>

/** What follows from a granted wish, or the reason why it is not granted. */
export type Ruling = readonly Event[] | RefusalReason | Refusal

export function isRefusal(ruling: Ruling): ruling is RefusalReason | Refusal {
  return typeof ruling === 'string' || 'kind' in ruling
}

/** Asked for what waits already, it is looked at once more: its card stands, with its signatures. */
export function requestPlan(
  incident: Incident,
  request: PlanRequest,
  context: DecisionContext,
): Ruling {
  const waits = waitingFor(incident, request)
  if (!waits) return planAnew(incident, request, context)
  return [{ type: 'plan-asked-again', plan: waits.number, by: context.person.id }]
}

/**
 * What the world is asked before a plan is made; `null`: nothing. What opens an incident, or names a version or a
 * backup, is refused to whoever asked when it cannot be, and nobody else is called for it.
 */
export function askedBeforehand(incident: Incident, request: PlanRequest): PlanRequest | null {
  return isAskedBeforehand(incident, request) ? wanted(incident, request) : null
}

function isAskedBeforehand(incident: Incident, request: PlanRequest): boolean {
  if (waitingFor(incident, request) !== null) return false
  const version = 'toVersion' in request && request.toVersion !== null
  const backup = 'backup' in request && request.backup !== null
  return !incident.declared || version || backup
}

/** The plan for this very request that was neither carried out nor has come to nothing. */
function waitingFor(incident: Incident, request: PlanRequest): PlanState | null {
  const asked = wanted(incident, request)
  const waits = incident.plans.find((state) => isSame(state.request, asked) && isWaiting(state))
  return incident.closed ? null : (waits ?? null)
}

function isSame(one: PlanRequest, other: PlanRequest): boolean {
  return canonicalJson(one) === canonicalJson(other)
}

function planAnew(
  incident: Incident,
  asked: PlanRequest,
  { person, approval, impossible, nowMs }: DecisionContext,
): Ruling {
  const request = wanted(incident, asked)
  const undone = undonePlan(request)
  const can =
    undone === null ? incidentCan.plan(incident, request) : incidentCan.undo(incident, undone)
  if (can !== true) return can
  if (approval.users.length + approval.groups.length === 0) return 'no-approvers'
  if (impossible !== null) return refused('not-possible', impossible)
  const replaced = incident.plans.filter((other) => {
    return isWaiting(other) && touchSame(incident, other.request, request)
  })
  const signed = replaced.find((other) => standingApprovals(other, nowMs).length > 0)
  if (signed && !incident.toldOfSignatures.includes(person.id)) {
    return refused('takes-signed-place', String(signed.number))
  }
  return [
    ...replaced.map(({ number }) => withdrawal(number, person.id)),
    planRequested(incident, request, person),
  ]
}

/** What has to be done first, and the version that the incident was declared with unless another one is named. */
function wanted({ declared, plans }: Incident, asked: PlanRequest): PlanRequest {
  const request = nextRequest(asked, plans)
  if (!('toVersion' in request) || request.toVersion !== null) return request
  return { ...request, toVersion: declared?.toVersion ?? null }
}

export function planAgain(incident: Incident, plan: number, context: DecisionContext): Ruling {
  const before = planOf(incident, plan)
  if (!before) return 'stale-card'
  // A note keeps its button for good: what it stands for may have had a newer plan since.
  const can = incidentCan.planAgain(incident, plan)
  return can === true ? planAnew(incident, before.request, context) : can
}

/** Whoever names a way back in the form wants to see its plan. */
export function planOfForm(
  incident: Incident,
  { procedure, toVersion }: Wish<'start'>,
  { person, approval }: DecisionContext,
): readonly Event[] {
  const signers = approval.users.length + approval.groups.length
  if (procedure === null || signers === 0) return []
  const request = wanted(incident, procedureRequest(procedure, { toVersion }))
  return [planRequested(incident, request, person)]
}

/** Whoever asked first for what was not carried out yet stays the requester, whoever asks for it again. */
function planRequested(
  { plans, assessment }: Incident,
  request: PlanRequest,
  { id, human }: DecisionContext['person'],
): Event {
  const began = troubleBegan(assessment)
  const told = began === undefined ? {} : { began }
  const asked = { type: 'plan-requested', plan: plans.length + 1, request, ...told } as const
  // What the clock has asked for nobody has: whoever asks for it then is the requester.
  const first = plans.find((state) => {
    const byPerson = actorParts(state.requestedBy).kind === 'person'
    return byPerson && state.run === null && isSame(state.request, request)
  })
  if (!first || first.requestedBy === id) return { ...asked, by: id, human }
  return { ...asked, by: first.requestedBy, human: first.requestedByHuman, again: id }
}

/** A signature is given, or the plan denied. */
export function ruleOnSignature(
  incident: Incident,
  intent: Wish<'approve' | 'deny'>,
  context: DecisionContext & { readonly via?: Via | undefined },
): Ruling {
  return intent.kind === 'approve'
    ? approve(incident, intent, context)
    : deny(incident, intent, context)
}

function approve(
  incident: Incident,
  { plan, digest, shownAt }: Wish<'approve'>,
  { person, approval, nowMs, via }: DecisionContext & { readonly via?: Via | undefined },
): Ruling {
  const can = incidentCan.sign(incident, plan)
  if (can !== true) return can
  const state = planOf(incident, plan)
  if (!state) return 'plan-ended'
  const seen = shownAt === undefined ? state : { ...state, shownAt }
  const reason = whyNotApprove(seen, person, digest, nowMs, approval)
  if (reason) return reason
  const expiresAt = toIso(nowMs + approval.expiresMinutes * 60_000)
  const { id: by, human, rightsAsOf } = person
  const roles = [...rolesOf(person)]
  const way = { ...(via && { via }), ...(rightsAsOf && { rightsAsOf }) }
  return [{ type: 'plan-approved', plan, by, human, digest, expiresAt, roles, ...way }]
}

/** One denial ends the gate. */
function deny(
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

/** What people say to a run: stop it, or that what they do of it is done. */
export function ruleOnRun(
  incident: Incident,
  intent: Wish<'abort' | 'step-done'>,
  by: Actor,
): Ruling {
  return intent.kind === 'abort' ? abort(incident, intent.plan, by) : stepDone(incident, intent, by)
}

/** `plan`: `null` for the one that is under way. */
function abort(incident: Incident, plan: number | null, by: Actor): Ruling {
  const [only, ...more] = incidentCan.abortable(incident)
  const number = plan ?? only
  if (plan === null && more.length > 0) return 'which-plan'
  if (number === undefined) return incident.closed ? 'incident-closed' : 'nothing-to-abort'
  const can = incidentCan.abort(incident, number)
  return can === true ? [{ type: 'abort-requested', plan: number, by }] : can
}

/** Of what people did, their word is all there is. */
function stepDone(
  incident: Incident,
  { plan, step }: { readonly plan: number; readonly step: number },
  by: Actor,
): Ruling {
  const can = incidentCan.stepDone(incident, { plan, step })
  return can === true
    ? [{ type: 'step-succeeded', plan, step, applied: false, says: 'done', by }]
    : can
}

export function watch(
  incident: Incident,
  { on }: { readonly on: boolean },
  { nowMs, watchHours }: DecisionContext,
): Ruling {
  const can = on ? incidentCan.watch(incident) : incidentCan.stopWatching(incident)
  if (can !== true) return can
  const number = incident.watch?.number ?? 0
  return on
    ? [watchStarted(number + 1, null, scheduleFrom(nowMs, watchHours))]
    : [{ type: 'watch-ended', watch: number, because: 'stopped' }]
}

export function watchStarted(number: number, plan: number | null, schedule: Schedule): Event {
  return { type: 'watch-started', watch: number, plan, schedule }
}

/** Plans that still wait make room for the end of the incident. */
export function withdrawn({ plans }: Incident, by: Actor): Event[] {
  return plans.filter(isWaiting).map(({ number }) => withdrawal(number, by))
}

function withdrawal(plan: number, by: Actor): Event {
  return { type: 'plan-withdrawn', plan, by }
}
