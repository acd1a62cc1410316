import type { Event } from '../../domain/incident/event.ts'
import { currentPlan, type Incident } from '../../domain/incident/incident.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { isRunning, type Applied, type Run, type StepState } from '../../domain/plan/run.ts'
import type { IncidentLog } from '../journal/incident-log.ts'

/** A step whose turn it is, as it stands in the journal. */
export type Turn = { readonly state: PlanState; readonly run: Run; readonly step: StepState }

/** One step of one run, in the journal: nothing is written once it is not its turn any more (J2). */
export type StepRecord = {
  readonly incident: string
  readonly plan: number
  readonly index: number
  /** `null`: it has a result, or the run has ended. */
  turn(): Turn | null
  /** Whether it may write to its target: it is started, durably, and nobody wants it stopped (J1). */
  start(): boolean
  succeed(applied: boolean, says: string): void
  fail(applied: Applied, says: string): void
  /** It failed, and whether it has written is only known if it was never started. */
  giveUp(says: string): void
  /** It waits for something that does not answer. */
  wait(because: string): void
  progress(says: string): void
  append(events: (turn: Turn) => readonly Event[] | null): void
}

export function stepRecord(
  incidents: IncidentLog,
  incident: string,
  plan: number,
  index: number,
): StepRecord {
  function append(events: (turn: Turn) => readonly Event[] | null): void {
    incidents.append(incident, (newest) => {
      const now = turnIn(newest, plan, index)
      return now && events(now)
    })
  }
  function turn(): Turn | null {
    return turnIn(incidents.load(incident), plan, index)
  }
  const which = { plan, step: index }

  return {
    incident,
    plan,
    index,
    turn,
    append,
    start() {
      append(({ run, step }) => {
        const fresh = step.kind === 'pending' && !run.abort
        return fresh ? [{ type: 'step-started', ...which }] : null
      })
      const now = turn()
      return now?.step.kind === 'started' && !now.run.abort
    },
    // What was never started has written nothing (J1).
    succeed(written, says) {
      append(({ step }) => {
        const applied = written && step.kind === 'started'
        return [{ type: 'step-succeeded', ...which, applied, says }]
      })
    },
    fail(written, says) {
      append(({ step }) => {
        const applied = step.kind === 'started' ? written : 'no'
        return [{ type: 'step-failed', ...which, applied, says }]
      })
    },
    giveUp(says) {
      append(({ step }) => {
        const applied = step.kind === 'started' ? 'unknown' : 'no'
        return [{ type: 'step-failed', ...which, applied, says }]
      })
    },
    wait(because) {
      append(({ step }) => {
        const news = 'waiting' in step && step.waiting !== because
        return news ? [{ type: 'step-waiting', ...which, because }] : null
      })
    },
    progress(says) {
      append(({ step }) => {
        const news = step.kind === 'started' && (step.says !== says || step.waiting !== null)
        return news ? [{ type: 'step-progressed', ...which, says }] : null
      })
    },
  }
}

function turnIn(incident: Incident, plan: number, index: number): Turn | null {
  const state = currentPlan(incident)
  if (state?.number !== plan || !isRunning(state.run)) return null
  const step = state.run.steps[index]
  const open = step?.kind === 'pending' || step?.kind === 'started'
  return step && open ? { state, run: state.run, step } : null
}
