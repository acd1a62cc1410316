import type { Event } from '../incident/event.ts'
import type { Illegal } from '../incident/illegal-event.ts'
import type { Plan, PlannedStep } from './plan.ts'
import {
  isAsked,
  isBeside,
  leftNothing,
  openStep,
  type Outcome,
  type Run,
  type StepState,
} from './run.ts'

type RunEvent = Extract<
  Event,
  { type: `step-${string}` | 'people-asked' | 'abort-requested' | 'run-ended' }
>

export function newRun(planned: Plan['steps'], at: string): Run {
  const steps = planned.map((): StepState => ({ kind: 'pending', waiting: null }))
  return { startedAt: at, steps, abort: null, ended: null }
}

/** A run after an event of it. `illegal` makes the error that an impossible event is (J3). */
export function nextRun(
  run: Run,
  planned: Plan['steps'],
  event: RunEvent,
  at: string,
  illegal: Illegal,
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
      if (!before || event.step !== openStep(run, planned))
        throw illegal('it is not that step’s turn')
      refuseOthersDeed(planned[event.step], event, illegal)
      return { ...run, steps: run.steps.with(event.step, nextStep(before, event, at, illegal)) }
    }
  }
}

/** What people do, Backout neither begins nor ends; and of what it does itself, nobody says that it is done (J10). */
function refuseOthersDeed(
  planned: PlannedStep | undefined,
  event: Extract<RunEvent, { step: number }>,
  illegal: Illegal,
): void {
  const saidByPerson = event.type === 'step-succeeded' && event.by !== undefined
  const ofPeople = event.type === 'people-asked' || saidByPerson
  if (ofPeople !== (planned?.byPeople !== undefined)) throw illegal('it is not whose step it is')
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
  illegal: Illegal,
): StepState {
  if (before.kind === 'succeeded' || before.kind === 'failed') throw illegal('it has a result')
  const startedAt = before.kind === 'started' ? before.at : (before.askedAt ?? at)
  switch (event.type) {
    case 'step-started':
      if (before.kind !== 'pending') throw illegal('it was started already')
      return { kind: 'started', at, waiting: null, says: null, progress: null }
    case 'people-asked':
      if (before.kind !== 'pending' || isAsked(before)) throw illegal('they were asked')
      return { ...before, askedAt: at }
    case 'step-waiting':
      return { ...before, waiting: event.because }
    case 'step-progressed':
      if (before.kind !== 'started') throw illegal('it was not started')
      return { ...before, waiting: null, says: event.says, progress: event.progress ?? null }
    case 'step-succeeded':
      // Without a start nothing can have been written (J1).
      if (event.applied && before.kind !== 'started') throw illegal('it was not started')
      return {
        kind: 'succeeded',
        startedAt,
        at,
        applied: event.applied,
        says: event.says,
        ...(event.facts === undefined ? {} : { facts: event.facts }),
        ...(event.by === undefined ? {} : { by: event.by }),
      }
    case 'step-failed':
      if (event.applied !== 'no' && before.kind !== 'started') throw illegal('it was not started')
      return {
        kind: 'failed',
        startedAt,
        at,
        applied: event.applied,
        says: event.says,
        ...leftNothing(event),
      }
    default:
      return event satisfies never
  }
}
