import type { Event } from '../incident/event.ts'
import { isGateOpen, newPlanState, type PlanState } from './plan-state.ts'
import { isRunning, type Run, type StepState } from './run.ts'

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
    if (plans.some((one) => isGateOpen(one) || isRunning(one.run))) throw illegal('another is open')
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
  if (event.plan !== plans.length) throw illegal('a newer plan took its place')
  return plans.with(event.plan - 1, next(before, event, at, illegal))
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
    case 'plan-approved': {
      if (!isGateOpen(state)) throw illegal('its gate is not open')
      if (event.digest !== state.plan?.digest) throw illegal('another digest was signed')
      const { by, human, digest, expiresAt } = event
      // An expired signature may be given anew.
      const others = state.approvals.filter((one) => one.by !== by)
      return { ...state, approvals: [...others, { by, human, digest, expiresAt, at }] }
    }
    case 'approval-expired': {
      const approvals = state.approvals.filter(({ by }) => by !== event.by)
      if (approvals.length === state.approvals.length) throw illegal('it was never given')
      return { ...state, approvals }
    }
    case 'plan-denied':
      if (!isGateOpen(state)) throw illegal('its gate is not open')
      return { ...state, ended: { kind: 'denied', by: event.by, at } }
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
      return { ...state, heldBy: event.by }
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
      return { ...state, run: nextRun(state.run, event, at, illegal) }
    }
    default:
      return event satisfies never
  }
}

type RunEvent = Extract<PlanEvent, { type: `step-${string}` | 'abort-requested' | 'run-ended' }>

function nextRun(run: Run, event: RunEvent, at: string, illegal: (why: string) => Error): Run {
  switch (event.type) {
    case 'abort-requested':
      if (run.abort) throw illegal('it is being stopped already')
      return { ...run, abort: { by: event.by, at } }
    case 'run-ended':
      if (event.outcome === 'succeeded' && run.steps.some(({ kind }) => kind !== 'succeeded')) {
        throw illegal('a step is not verified')
      }
      return { ...run, ended: { outcome: event.outcome, says: event.says, at } }
    default: {
      const before = run.steps[event.step]
      const open = run.steps.findIndex(({ kind }) => kind === 'pending' || kind === 'started')
      if (!before || event.step !== open) throw illegal('it is not that step’s turn')
      return { ...run, steps: run.steps.with(event.step, nextStep(before, event, at, illegal)) }
    }
  }
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
      return { kind: 'started', at, waiting: null, says: null }
    case 'step-waiting':
      return { ...before, waiting: event.because }
    case 'step-progressed':
      if (before.kind !== 'started') throw illegal('it was not started')
      return { ...before, waiting: null, says: event.says }
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
