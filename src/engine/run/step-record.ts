import type { Event } from '../../domain/incident/event.ts'
import { planOf, type Incident } from '../../domain/incident/incident.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import {
  isFurther,
  isRunning,
  type Applied,
  type LeftNothing,
  type Progress,
  type Run,
  type StepFacts,
  type StepState,
} from '../../domain/plan/run.ts'
import type { IncidentLog, Written } from '../journal/incident-log.ts'

/** A step whose turn it is, as it stands in the journal. */
export type Turn = { readonly state: PlanState; readonly run: Run; readonly step: StepState }

/** One step of one run, in the journal: nothing is written once it is not its turn any more (J2). */
export type StepRecord = {
  readonly incident: string
  readonly plan: number
  readonly index: number
  /** `null`: it has a result, or the run has ended. */
  turn(): Promise<Turn | null>
  /**
   * Whether it may write to its target: it is started, durably, and nobody wants it stopped (J1).
   * `finishes`: a stop does not hold it up any more.
   */
  start(options: { readonly finishes: boolean }): Promise<boolean>
  /** `applied`: what stands there is this run's doing. */
  succeed(proof: {
    readonly applied: boolean
    readonly says: string
    readonly facts?: StepFacts | undefined
  }): Promise<void>
  fail(applied: Applied, says: string, how?: LeftNothing): Promise<void>
  /** It failed, and whether it has written is only known if it was never started. */
  giveUp(says: string): Promise<void>
  /** It waits for something that does not answer. */
  wait(because: string): Promise<void>
  progress(says: string, progress: Progress | null): Promise<void>
  append(events: Next): Promise<void>
}

type Next = (turn: Turn, incident: Incident) => readonly Event[] | null

export function stepRecord(
  incidents: IncidentLog,
  incident: string,
  plan: number,
  index: number,
): StepRecord {
  const which = { plan, step: index }

  function appendedBy(events: Next): Promise<Written> {
    return incidents.append(incident, (newest) => {
      const now = turnIn(newest, plan, index)
      return now && events(now, newest)
    })
  }
  async function append(events: Next): Promise<void> {
    await appendedBy(events)
  }
  async function turn(): Promise<Turn | null> {
    return turnIn(await incidents.load(incident), plan, index)
  }
  /** What was never started has written nothing (J1). */
  function fail(written: Applied, says: string, how = {}): Promise<void> {
    return append(({ step }) => {
      const applied = step.kind === 'started' ? written : 'no'
      return [{ type: 'step-failed', ...which, applied, says, ...how }]
    })
  }

  return {
    incident,
    plan,
    index,
    turn,
    append,
    fail,
    giveUp: (says) => fail('unknown', says),
    async start({ finishes }) {
      const { kind } = await appendedBy(({ run, step }) => {
        const fresh = step.kind === 'pending' && !run.abort
        return fresh ? [{ type: 'step-started', ...which }] : null
      })
      // Another process may have stopped or ended the run. What is appended meets that; started before, nothing is.
      if (kind !== 'appended') await incidents.current(incident)
      const now = await turn()
      return now?.step.kind === 'started' && (finishes || !now.run.abort)
    },
    succeed: ({ applied: written, says, facts }) =>
      append(({ step }) => {
        const applied = written && step.kind === 'started'
        const event = { type: 'step-succeeded', ...which, applied, says } as const
        return [facts === undefined ? event : { ...event, facts }]
      }),
    wait: (because) =>
      append(({ step }) => {
        const news = 'waiting' in step && step.waiting !== because
        return news ? [{ type: 'step-waiting', ...which, because }] : null
      }),
    progress: (says, progress) =>
      append(({ step }) => {
        const news =
          step.kind === 'started' &&
          (step.says !== says || step.waiting !== null || isFurther(step.progress, progress))
        const event = { type: 'step-progressed', ...which, says } as const
        return news ? [progress ? { ...event, progress } : event] : null
      }),
  }
}

function turnIn(incident: Incident, plan: number, index: number): Turn | null {
  const state = planOf(incident, plan)
  if (!state || !isRunning(state.run)) return null
  const step = state.run.steps[index]
  const open = step?.kind === 'pending' || step?.kind === 'started'
  return step && open ? { state, run: state.run, step } : null
}
