import type { Event } from '../incident/event.ts'
import type { Plan } from './plan.ts'
import { isGateOpen, newPlanState, type PlanState } from './plan-state.ts'
import { isBeside, isRunning, openStep, type Outcome, type Run, type StepState } from './run.ts'

export type PlanEvent = Exclude<Extract<Event, { plan: number }>, { watch: number }>

/** The plans after an event of one of them. `illegal` makes the error that an impossible event is (J3). */
export function applyPlanEvent(
  plans: readonly PlanState[],
  event: PlanEvent,
  at: string,
  illegal: (why: string) => Error,
): readonly PlanState[] {
  if (event.type === 'plan-requested') {
    if (event.plan !== plans.length + 1) throw illegal(`expected plan ${plans.length + 1}`)
    const { plan: number, request, by: requestedBy, human: requestedByHuman } = event
    const asked = { number, request, requestedBy, requestedByHuman, requestedAt: at }
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
function refuseOverlap(
  plans: readonly PlanState[],
  { number, plan }: PlanState,
  illegal: (why: string) => Error,
): void {
  const other = plans.find((one) => {
    return one.number !== number && isRunning(one.run) && overlap(one.plan, plan)
  })
  if (other) throw illegal(`plan ${other.number} is being carried out on the same target`)
}

/** Whether two plans would write to the same thing. */
export function overlap(
  one: Pick<Plan, 'targets'> | null,
  other: Pick<Plan, 'targets'> | null,
): boolean {
  return one?.targets.some((target) => other?.targets.includes(target)) ?? false
}

function next(
  state: PlanState,
  event: Exclude<PlanEvent, { type: 'plan-requested' }>,
  at: string,
  illegal: (why: string) => Error,
): PlanState {
  switch (event.type) {
    case 'plan-infeasible':
      if (state.plan || state.ended) throw illegal('it was resolved already')
      return { ...state, ended: { kind: 'infeasible', because: event.because, at } }
    case 'plan-proposed':
      if (state.plan || state.ended) throw illegal('it was resolved already')
      return { ...state, plan: event.proposal, proposedAt: at }
    case 'plan-prepared': {
      const { ok, says } = event
      if (!state.plan) throw illegal('it is not proposed')
      return { ...state, [event.what]: { ok, says, at } }
    }
    case 'preparation-progressed': {
      const { says, progress } = event
      if (!isGateOpen(state)) throw illegal('its gate is not open')
      return { ...state, preparing: { says, progress } }
    }
    case 'plan-approved': {
      if (!isGateOpen(state)) throw illegal('its gate is not open')
      if (event.digest !== state.plan?.digest) throw illegal('another digest was signed')
      const { by, human, digest, expiresAt, roles = ['approvers'] } = event
      // An expired signature may be given anew.
      const others = state.approvals.filter((one) => one.by !== by)
      return { ...state, approvals: [...others, { by, human, digest, roles, expiresAt, at }] }
    }
    case 'approval-expired': {
      const approvals = state.approvals.filter(({ by }) => by !== event.by)
      if (approvals.length === state.approvals.length) throw illegal('it was never given')
      return { ...state, approvals }
    }
    case 'plan-denied':
      if (!isGateOpen(state)) throw illegal('its gate is not open')
      return {
        ...state,
        ended: { kind: 'denied', by: event.by, at, reason: event.reason ?? null },
      }
    case 'plan-voided':
      if (state.ended || (!isGateOpen(state) && !isRunning(state.run)))
        throw illegal('it is not open')
      return { ...state, ended: { kind: 'voided', because: event.because, at } }
    case 'plan-withdrawn':
      if (state.ended || state.run) throw illegal('it is not open')
      return { ...state, ended: { kind: 'withdrawn', by: event.by, at } }
    case 'signatures-missing':
      if (!isGateOpen(state)) throw illegal('its gate is not open')
      if (event.call <= state.escalations) throw illegal('they were called for already')
      return { ...state, escalations: event.call }
    case 'run-held':
      if (!isGateOpen(state)) throw illegal('its gate is not open')
      return { ...state, heldBy: { incident: event.by, plan: event.byPlan ?? null } }
    case 'run-started': {
      if (!isGateOpen(state) || !state.plan) throw illegal('its gate is not open')
      const steps = state.plan.steps.map((): StepState => ({ kind: 'pending', waiting: null }))
      return {
        ...state,
        heldBy: null,
        run: { startedAt: at, steps, abort: null, ended: null },
      }
    }
    case 'step-started':
    case 'step-waiting':
    case 'step-progressed':
    case 'step-succeeded':
    case 'step-failed':
    case 'abort-requested':
    case 'run-ended': {
      if (!isRunning(state.run)) throw illegal('it is not being carried out')
      const steps = state.plan?.steps ?? []
      return { ...state, run: nextRun(state.run, steps, event, at, illegal) }
    }
    default:
      return event satisfies never
  }
}

type RunEvent = Extract<PlanEvent, { type: `step-${string}` | 'abort-requested' | 'run-ended' }>

function nextRun(
  run: Run,
  planned: Plan['steps'],
  event: RunEvent,
  at: string,
  illegal: (why: string) => Error,
): Run {
  switch (event.type) {
    case 'abort-requested':
      if (run.abort) throw illegal('it is being stopped already')
      return { ...run, abort: { by: event.by, at } }
    case 'run-ended':
      if (!isSo(run, planned, event.outcome)) throw illegal('a step is not verified')
      return { ...run, ended: { outcome: event.outcome, says: event.says, at } }
    default: {
      const before = run.steps[event.step]
      if (!before || event.step !== openStep(run)) throw illegal('it is not that step’s turn')
      return { ...run, steps: run.steps.with(event.step, nextStep(before, event, at, illegal)) }
    }
  }
}

/** What is called done was verified (J10). */
function isSo({ steps }: Run, planned: Plan['steps'], outcome: Outcome): boolean {
  if (outcome !== 'succeeded' && outcome !== 'incomplete') return true
  return steps.every((step, at) => {
    const missed = step.kind === 'failed' && outcome === 'incomplete' && isBeside(planned[at])
    return step.kind === 'succeeded' || missed
  })
}

function nextStep(
  before: StepState,
  event: Extract<RunEvent, { step: number }>,
  at: string,
  illegal: (why: string) => Error,
): StepState {
  if (before.kind === 'succeeded' || before.kind === 'failed') throw illegal('it has a result')
  const startedAt = before.kind === 'started' ? before.at : at
  switch (event.type) {
    case 'step-started':
      if (before.kind !== 'pending') throw illegal('it was started already')
      return { kind: 'started', at, waiting: null, says: null, progress: null }
    case 'step-waiting':
      return { ...before, waiting: event.because }
    case 'step-progressed':
      if (before.kind !== 'started') throw illegal('it was not started')
      return { ...before, waiting: null, says: event.says, progress: event.progress ?? null }
    case 'step-succeeded':
      // Without a start nothing can have been written (J1).
      if (event.applied && before.kind !== 'started') throw illegal('it was not started')
      return { kind: 'succeeded', startedAt, at, applied: event.applied, says: event.says }
    case 'step-failed':
      if (event.applied !== 'no' && before.kind !== 'started') throw illegal('it was not started')
      return { kind: 'failed', startedAt, at, applied: event.applied, says: event.says }
    default:
      return event satisfies never
  }
}
