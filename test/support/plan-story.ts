import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import * as fc from 'fast-check'
import type { DecisionContext } from '../../src/domain/incident/decision-context.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { ApprovalSettings, type Signer } from '../../src/domain/plan/gate.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import { newPlanState, type Approval, type PlanState } from '../../src/domain/plan/plan-state.ts'
import type { Plan } from '../../src/domain/plan/plan.ts'
import type { Applied, Outcome, Run, StepState } from '../../src/domain/plan/run.ts'
import type { Verdict } from '../../src/domain/assessment/verdict.ts'
import { newWatch, WATCH, watched, type Look, type Watch } from '../../src/domain/watch/watch.ts'
import { at, atMs, declared, incidentAfter, opened, plan, ONE, TWO } from './builders.ts'

export const approval = ApprovalSettings.parse({ users: ['U0BO', 'U0CY'] })
export const rules = { approval, evidenceDeadlineMs: 60_000, watchHours: 0 }

export const iso = (ms: number) => new Date(ms).toISOString()

/** This long after the moment at which everything happens. */
export const later = (seconds: number) => atMs + seconds * 1_000

export const rollback: PlanRequest = { kind: 'kubernetes', toVersion: null }

/** A plan of two steps that two people have to sign. */
export function planOf(changes: Partial<Plan> = {}): Plan {
  return plan({
    steps: [
      { id: 'restore-revisions', title: 'Return backend', input: { uid: 'u-1', revision: 43 } },
      { id: 'prove-services', title: 'Prove it', input: { services: ['backend', 'frontend'] } },
    ],
    targets: ['deployment production/backend', 'deployment production/frontend'],
    digest: 'digest-1',
    ...changes,
  })
}

/* Events, of plan 1 unless told otherwise. */

export function planRequested(request: PlanRequest = rollback, number = 1): Event {
  return { type: 'plan-requested', plan: number, by: 'U0ANA', human: 'ana', request }
}

export function planProposed(changes: Partial<Plan> = {}, number = 1): Event {
  return { type: 'plan-proposed', plan: number, proposal: planOf(changes) }
}

export function planApproved(by: string, human: string = by, number = 1): Event {
  const digest = `digest-${number}`
  return { type: 'plan-approved', plan: number, by, human, digest, expiresAt: iso(later(15 * 60)) }
}

export function stepStarted(step = 0): Event {
  return { type: 'step-started', plan: 1, step }
}

export function stepSucceeded(step = 0, applied = true): Event {
  return { type: 'step-succeeded', plan: 1, step, applied, says: 'done' }
}

export function stepFailed(step = 0, applied: Applied = 'yes'): Event {
  return { type: 'step-failed', plan: 1, step, applied, says: 'it did not work' }
}

export function runEnded(outcome: Outcome = 'succeeded'): Event {
  return { type: 'run-ended', plan: 1, outcome, says: 'over' }
}

export const runStarted: Event = { type: 'run-started', plan: 1 }
export const abortRequested: Event = { type: 'abort-requested', plan: 1, by: 'U0BO' }
export const evidenceKept: Event = {
  type: 'plan-prepared',
  plan: 1,
  what: 'evidence',
  ok: true,
  says: '12 files',
}
export const rehearsed: Event = {
  type: 'plan-prepared',
  plan: 1,
  what: 'rehearsal',
  ok: true,
  says: 'accepted',
}
export const planDenied: Event = { type: 'plan-denied', plan: 1, by: 'U0BO' }
export const planVoided: Event = { type: 'plan-voided', plan: 1, because: ['drift'] }
export const planWithdrawn: Event = { type: 'plan-withdrawn', plan: 1, by: 'U0ANA' }

/* Histories. */

export const asked: readonly Event[] = [opened, declared, planRequested()]
export const proposed: readonly Event[] = [...asked, planProposed()]
export const signed: readonly Event[] = [
  ...proposed,
  planApproved('U0BO', 'bo'),
  planApproved('U0CY', 'cy'),
]
export const running: readonly Event[] = [...signed, runStarted]
export const finished: readonly Event[] = [
  ...running,
  stepStarted(),
  stepSucceeded(),
  stepSucceeded(1, false),
  runEnded(),
]

const [ours, theirs] = planOf().steps
const peoples = planOf({ steps: [ours!, { ...theirs!, byPeople: 'the edge team' }] })

/** Of a plan whose second step people do. */
export const runningPeoples: readonly Event[] = running.map((event) =>
  event.type === 'plan-proposed' ? planProposed(peoples) : event,
)
/** Its first step is done. */
export const peoplesTurn: readonly Event[] = [...runningPeoples, stepStarted(), stepSucceeded()]
export const peopleAsked: Event = { type: 'people-asked', plan: 1, step: 1 }

export function after(history: readonly Event[], ...more: readonly Event[]): Incident {
  return incidentAfter(...history, ...more)
}

/* States. */

export function approvalBy(by: string, changes: Partial<Approval> = {}): Approval {
  const roles = ['approvers'] as const
  return {
    by,
    human: by,
    digest: 'digest-1',
    roles,
    at,
    expiresAt: iso(later(15 * 60)),
    ...changes,
  }
}

/** Proposed and shown long enough to have been read. */
export function openGate(changes: Partial<PlanState> = {}): PlanState {
  return {
    ...newPlanState({
      number: 1,
      request: rollback,
      requestedBy: 'U0ANA',
      requestedByHuman: 'ana',
      requestedAt: at,
    }),
    plan: planOf(),
    proposedAt: at,
    shownAt: at,
    ...changes,
  }
}

/** May sign as an approver, and not for data. */
export const APPROVER: Signer['roles'] = { approvers: true, 'data-owners': false }

/** May sign nothing. */
export const NOBODY: Signer['roles'] = { approvers: false, 'data-owners': false }

export function signer(id: string, changes: Partial<Signer> = {}): Signer {
  return { id, kind: 'member', human: id, roles: APPROVER, ...changes }
}

/** A minute after it all, decided for somebody who may sign at once. */
export const usually: DecisionContext = {
  person: signer('U0BO', { human: 'bo' }),
  environment: 'production',
  impossible: null,
  headlineChannel: 'C0HEADLINES',
  watchHours: 0,
  nowMs: later(60),
  approval: { ...approval, readSeconds: 0 },
}

export function runOf(steps: readonly StepState[], changes: Partial<Run> = {}): Run {
  return { startedAt: at, steps, abort: null, ended: null, ...changes }
}

export const pending: StepState = { kind: 'pending', waiting: null }
export const started: StepState = {
  kind: 'started',
  at: iso(later(5)),
  waiting: null,
  says: null,
  progress: null,
}
export function succeeded(applied = true): StepState {
  return { kind: 'succeeded', startedAt: at, at: iso(later(9)), applied, says: 'done' }
}
export function failed(applied: Applied = 'yes'): StepState {
  return { kind: 'failed', startedAt: at, at: iso(later(9)), applied, says: 'it did not work' }
}

/* Watches. */

export function lookOf(due: number, verdict: Verdict, version: string | null = null): Look {
  const line = { probe: 'health-passing', target: 'backend', verdict, says: 'it says', version }
  return { due, verdict, lines: [line] }
}

/** A watch after these looks, one at each due time; a `null` is a due time at which nobody looked. */
export function watchAfter(verdicts: readonly (Verdict | null)[], from = 0): Watch {
  return verdicts.reduce(
    (watch, verdict, index) => {
      const due = from + index + 1
      return verdict === null
        ? watch
        : watched(watch, lookOf(due, verdict), iso(atMs + due * WATCH.everyMs))
    },
    newWatch(1, 1, at),
  )
}

export const watchStarted: Event = { type: 'watch-started', watch: 1, plan: 1 }
export const secondWatch: Event = { type: 'watch-started', watch: 2, plan: null }
export function watchLooked(due: number, verdict: Verdict): Event {
  return { type: 'watch-looked', watch: 1, look: lookOf(due, verdict) }
}
export const watchTurned: Event = { type: 'watch-turned', watch: 1, to: 'relapse' }
export const watchEnded: Event = { type: 'watch-ended', watch: 1, because: 'over' }

/* What fast-check may come up with. */

export const DraftArbitrary = fc.record({
  title: fc.string(),
  steps: fc.array(
    fc.record(
      {
        id: fc.constantFrom('one', 'two'),
        title: fc.string(),
        input: JsonArbitrary(),
        byPeople: fc.string(),
      },
      { requiredKeys: ['id', 'title', 'input'] },
    ),
    { minLength: 1, maxLength: 3 },
  ),
  changes: fc.array(fc.record({ what: fc.string(), from: fc.string(), to: fc.string() })),
  targets: fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 3 }),
  signatures: fc.constantFrom(ONE, TWO),
  because: fc.string(),
  lost: fc.string(),
  undo: fc.string(),
  cautions: fc.array(fc.string()),
})

/** As a journal can hold it: there is no minus zero in JSON. */
function JsonArbitrary() {
  return fc
    .jsonValue({ maxDepth: 3 })
    .map((value) => JSON.parse(JSON.stringify(value)) as Plan['steps'][number]['input'])
}
