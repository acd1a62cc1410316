import type { Event } from '../incident/event.ts'
import type { Illegal } from '../incident/illegal-event.ts'
import type { Plan } from './plan.ts'
import { withoutEnvironment } from './target.ts'
import { isGateOpen, isWaiting, newPlanState, type PlanState } from './plan-state.ts'
import { newRun, nextRun } from './fold-run.ts'
import { isRunning } from './run.ts'

export type PlanEvent = Exclude<Extract<Event, { plan: number }>, { watch: number }>

/** The plans after an event of one of them. `illegal` makes the error that an impossible event is (J3). */
export function applyPlanEvent(
  plans: readonly PlanState[],
  event: PlanEvent,
  at: string,
  illegal: Illegal,
): readonly PlanState[] {
  if (event.type === 'plan-requested') {
    if (event.plan !== plans.length + 1) throw illegal(`expected plan ${plans.length + 1}`)
    const { plan: number, request, by: requestedBy, human: requestedByHuman, began } = event
    const told = began === undefined ? {} : { began }
    const asked = { number, request, requestedBy, requestedByHuman, requestedAt: at, ...told }
    // What was kept as evidence is as good for this plan, as long as nothing was changed since.
    const before = plans.at(-1)
    const stands = before && !before.run && before.ended?.kind !== 'voided'
    const evidence = stands && before.evidence?.ok ? before.evidence : null
    return [...plans, { ...newPlanState(asked), evidence }]
  }
  const before = plans[event.plan - 1]
  if (!before) throw illegal('there is no such plan')
  if (event.type === 'run-started') refuseOverlap(plans, before, illegal)
  return plans.with(event.plan - 1, next(before, event, at, illegal))
}

/** Two runs never write to the same thing. */
function refuseOverlap(plans: readonly PlanState[], { number }: PlanState, illegal: Illegal): void {
  const other = holderAmong(plans, number)
  if (other !== null) throw illegal(`plan ${other} is being carried out on the same target`)
}

/** The plan among these whose run writes to a target of that one now; `null`: there is none. */
export function holderAmong(plans: readonly PlanState[], number: number): number | null {
  const plan = plans[number - 1]?.plan ?? null
  const other = plans.find((one) => {
    return one.number !== number && isRunning(one.run) && overlap(one.plan, plan)
  })
  return other?.number ?? null
}

/** Whether two plans of one incident would write to the same thing. */
function overlap(one: Pick<Plan, 'targets'> | null, other: Pick<Plan, 'targets'> | null): boolean {
  const taken = new Set(other?.targets.map(withoutEnvironment))
  return one?.targets.some((target) => taken.has(withoutEnvironment(target))) ?? false
}

function next(
  state: PlanState,
  event: Exclude<PlanEvent, { type: 'plan-requested' }>,
  at: string,
  illegal: Illegal,
): PlanState {
  switch (event.type) {
    case 'plan-infeasible':
      if (state.plan || state.ended) throw illegal('it was resolved already')
      return { ...state, ended: { kind: 'infeasible', because: event.because, at } }
    case 'plan-proposed':
      if (state.plan || state.ended) throw illegal('it was resolved already')
      return { ...state, plan: event.proposal, proposedAt: at }
    case 'plan-asked-again':
      if (!isWaiting(state)) throw illegal('it does not wait any more')
      return { ...state, rehearsal: null }
    case 'plan-cautioned':
      if (!state.plan || !isWaiting(state)) throw illegal('it is not open')
      return { ...state, plan: { ...state.plan, cautions: event.cautions } }
    case 'plan-prepared': {
      const { ok, says } = event
      if (!state.plan) throw illegal('it is not proposed')
      return { ...state, [event.what]: { ok, says, at } }
    }
    case 'plan-voided':
      if (state.ended || (!isGateOpen(state) && !isRunning(state.run)))
        throw illegal('it is not open')
      return { ...state, ended: { kind: 'voided', because: event.because, at } }
    case 'plan-withdrawn':
      if (!isWaiting(state)) throw illegal('it is not open')
      return { ...state, ended: { kind: 'withdrawn', by: event.by, at } }
    case 'approval-expired': {
      const approvals = state.approvals.filter(({ by }) => by !== event.by)
      if (approvals.length === state.approvals.length) throw illegal('it was never given')
      return { ...state, approvals }
    }
    case 'preparation-progressed':
    case 'plan-approved':
    case 'plan-denied':
    case 'signatures-missing':
    case 'run-held':
    case 'run-started':
      if (!isGateOpen(state)) throw illegal('its gate is not open')
      return nextAtGate(state, event, at, illegal)
    default: {
      if (!isRunning(state.run)) throw illegal('it is not being carried out')
      return { ...state, run: nextRun(state.run, stepsOf(state), event, at, illegal) }
    }
  }
}

/** What can happen only while its gate is open. */
function nextAtGate(
  state: PlanState,
  event: Extract<
    PlanEvent,
    {
      type:
        | 'preparation-progressed'
        | 'plan-approved'
        | 'plan-denied'
        | 'signatures-missing'
        | 'run-held'
        | 'run-started'
    }
  >,
  at: string,
  illegal: Illegal,
): PlanState {
  switch (event.type) {
    case 'preparation-progressed': {
      const { says, progress } = event
      return { ...state, preparing: { says, progress } }
    }
    case 'plan-approved': {
      if (event.digest !== state.plan?.digest) throw illegal('another digest was signed')
      const { by, human, digest, expiresAt, roles = ['approvers'] } = event
      const way = wayOf(event)
      // An expired signature may be given anew.
      const others = state.approvals.filter((one) => one.by !== by)
      return {
        ...state,
        approvals: [...others, { by, human, digest, roles, expiresAt, at, ...way }],
      }
    }
    case 'plan-denied':
      return { ...state, ended: { kind: 'denied', by: event.by, at, reason: event.reason ?? null } }
    case 'signatures-missing':
      if (event.call <= state.escalations) throw illegal('they were called for already')
      return { ...state, escalations: event.call }
    case 'run-held':
      return { ...state, heldBy: { incident: event.by, plan: event.byPlan ?? null } }
    case 'run-started':
      return { ...state, heldBy: null, run: newRun(stepsOf(state), at) }
    default:
      return event satisfies never
  }
}

/** Nothing of a signature that was given in Slack. */
function wayOf({ via, rightsAsOf }: Extract<PlanEvent, { type: 'plan-approved' }>) {
  return { ...(via && { via }), ...(rightsAsOf && { rightsAsOf }) }
}

function stepsOf({ plan }: PlanState): Plan['steps'] {
  return plan?.steps ?? []
}
