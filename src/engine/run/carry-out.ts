import type { Event } from '../../domain/incident/event.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import { hasWritten, stepMayHaveWritten, stepSinceMs } from '../../domain/plan/run.ts'
import type { Clock, Sleep } from '../../ports/clock.ts'
import type { World } from '../../ports/world.ts'
import type { GateCheck } from './gate-check.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import { voidedBy, type Drift } from './planning.ts'
import type { Runbook } from './runbook.ts'
import type { BoundStep, StepContext } from './step.ts'
import { stepRecord, type StepRecord, type Turn } from './step-record.ts'

/** A look may take this long, then it is asked again. */
const LOOK_MS = 15_000
const POLL_MS = 1_000
const LAST_BACKOFF_MS = 10_000

/** Carries one step on until it has a result, or the process ends. */
export type CarryOut = (id: string, plan: number, step: number) => Promise<void>

export type CarryOutDeps = {
  readonly incidents: IncidentLog
  readonly runbook: () => Promise<Runbook>
  readonly world: () => Promise<World>
  readonly gateCheck: GateCheck
  readonly clock: Clock
  readonly sleep: Sleep
  readonly stopped: AbortSignal
}

/** What a step needs to be carried on. `inTime` ends with its deadline. */
type Carried = {
  readonly step: BoundStep
  readonly world: World
  readonly record: StepRecord
  readonly inTime: AbortSignal
}

type Attempted = Carried & {
  /** Nothing was written yet but what makes way for this step. */
  readonly onlyPrepared: boolean
}

export function stepCarrier(deps: CarryOutDeps): CarryOut {
  const { incidents, clock, sleep, stopped } = deps

  return async (id, plan, index) => {
    const record = stepRecord(incidents, id, plan, index)
    const planned = record.turn()?.state.plan?.steps[index]
    if (!planned) return
    const [runbook, world] = await Promise.all([deps.runbook(), deps.world()])
    const step = boundBy(runbook, planned)
    if (!step) return record.giveUp('this version of Backout does not know how to carry it out')

    for (let failures = 0, waitedFor = ''; !stopped.aborted;) {
      const turn = record.turn()
      // Stopped before it began: the run ends without it.
      if (!turn || (turn.run.abort && turn.step.kind === 'pending')) return
      // What has waited to begin still gets its whole time once it has begun.
      const { step: now } = turn
      const leftMs = stepSinceMs(turn.run, index) + step.deadlineMs - clock.now()
      if (leftMs <= 0) {
        if (await isDoneAfterAll({ step, world, record, inTime: stopped }, turn)) return
        const last = now.kind === 'started' ? (now.says ?? waitedFor) : waitedFor
        return record.giveUp(`not finished in time${last === '' ? '' : `: ${last}`}`)
      }
      try {
        const inTime = AbortSignal.timeout(leftMs)
        const onlyPrepared = isOnlyPrepared(runbook, turn, index)
        const carried = { step, world, record, inTime, onlyPrepared }
        if ((await attempt(carried, turn)) === 'result') return
        failures = 0
        await sleep(POLL_MS, stopped)
      } catch (error) {
        if (stopped.aborted) return
        if (!(error instanceof Fault)) throw error
        waitedFor = `${error.dependency}: ${error.detail}`
        // What is begun is waited for: somebody may mend it before the deadline.
        const begun = record.turn()?.step.kind === 'started'
        if (error.kind === 'terminal' && !begun) return record.giveUp(waitedFor)
        record.wait(waitedFor)
        const backoffMs = Math.min(POLL_MS * 2 ** failures, LAST_BACKOFF_MS)
        failures += 1
        await sleep(error.retryAfterMs ?? backoffMs, stopped)
      }
    }
  }

  /** One look, what follows from it, and one proof. The same for a fresh step and a cut-off one (J4). */
  async function attempt(carried: Attempted, turn: Turn): Promise<'result' | 'again'> {
    const { step, record, inTime } = carried
    const { state, run } = turn
    const found = await step.inspect(contextOf(carried, state, looking(inTime)))
    // What is begun is finished; before that the gate is asked at this very moment (J7).
    const started = turn.step.kind === 'started'
    const ours = found.begun === 'no-mark' ? started : found.begun
    const finished = found.kind === 'done' && started
    if (found.begun !== true && !finished) {
      const closed = await whyClosed(carried, turn)
      if (closed) {
        if (await isOurDoing(carried, state)) return 'again'
        record.append((newest) => gateClosed(newest, record.index, closed))
        return 'result'
      }
    }
    if (found.kind === 'blocked') {
      record.fail(found.begun === true ? 'yes' : started ? 'unknown' : 'no', found.says)
      return 'result'
    }
    if (found.kind === 'done') {
      return prove(carried, turn, ours)
    }
    if (run.abort) {
      record.fail(found.begun === true ? 'yes' : 'unknown', 'stopped before it was finished')
      return 'result'
    }
    // Durable before any effect, and only while nobody has stopped the run meanwhile (J1, J2).
    if (!record.start()) return 'again'
    const writing = AbortSignal.any([inTime, stopped])
    const done = await found.apply(contextOf(carried, state, writing))
    if (done.kind === 'look-again') return 'again'
    if (done.kind === 'refused') {
      record.fail(done.applied, done.says)
      return 'result'
    }
    return prove(carried, turn, true)
  }

  async function whyClosed(
    { record, inTime, onlyPrepared }: Attempted,
    { state, run }: Turn,
  ): Promise<Drift | null> {
    if (!hasWritten(run)) {
      const now = incidents.load(record.incident)
      return deps.gateCheck.whole(now, state, looking(inTime))
    }
    return onlyPrepared ? deps.gateCheck.signatures(state) : null
  }

  /** Its time is over; while we were away it may have come to its end all the same. */
  async function isDoneAfterAll(carried: Carried, turn: Turn): Promise<boolean> {
    if (turn.step.kind !== 'started') return false
    const { step, inTime } = carried
    try {
      const found = await step.inspect(contextOf(carried, turn.state, looking(inTime)))
      if (found.kind !== 'done') return false
      await prove(carried, turn, found.begun === 'no-mark' || found.begun)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
    }
    const { record } = carried
    return record.turn() === null
  }

  /** Another process of ours may have written meanwhile: then what looks like drift is the plan itself (J5). */
  async function isOurDoing(carried: Carried, state: PlanState): Promise<boolean> {
    const { step, record, inTime } = carried
    const found = await step.inspect(contextOf(carried, state, looking(inTime)))
    if (found.begun !== 'no-mark') return found.begun
    return found.kind === 'done' && record.turn()?.step.kind === 'started'
  }

  async function prove(
    carried: Carried,
    { state }: Turn,
    applied: boolean,
  ): Promise<'result' | 'again'> {
    const { step, record, inTime } = carried
    const proof = await step.verify(contextOf(carried, state, looking(inTime)))
    switch (proof.kind) {
      case 'verified':
        record.succeed(applied, proof.says)
        return 'result'
      case 'failed':
        record.fail(applied ? 'yes' : 'no', proof.says)
        return 'result'
      case 'not-yet':
        if (record.turn()?.run.abort) {
          record.fail(applied ? 'yes' : 'no', `stopped while it was under way: ${proof.says}`)
          return 'result'
        }
        if (applied) record.progress(proof.says)
        else record.wait(proof.says)
        return 'again'
      default:
        return proof satisfies never
    }
  }

  function looking(inTime: AbortSignal): AbortSignal {
    return AbortSignal.any([inTime, stopped, AbortSignal.timeout(LOOK_MS)])
  }
}

function contextOf(
  { world, record: { incident, plan } }: Carried,
  state: PlanState,
  signal: AbortSignal,
): StepContext {
  const key = `${incident}/plan-${plan}`
  return { world, signal, key, cause: causeOf(incident, state) }
}

function isOnlyPrepared(runbook: Runbook, { state, run }: Turn, index: number): boolean {
  const before = state.plan?.steps.slice(0, index) ?? []
  return before.every((planned, at) => {
    const step = run.steps[at]
    return !step || !stepMayHaveWritten(step) || boundBy(runbook, planned)?.prepares === true
  })
}

/** `null`: another version of this program planned it (J3). */
function boundBy(runbook: Runbook, planned: PlannedStep): BoundStep | null {
  try {
    return runbook.bind(planned)
  } catch {
    return null
  }
}

function causeOf(id: string, { number, requestedBy, approvals }: PlanState): string {
  const signed = approvals.map(({ by }) => by).join(' and ')
  return `Backout incident ${id} plan ${number}: asked for by ${requestedBy}, signed by ${signed}`
}

/** Nothing was written; or something was, or it is not known, and then the step has to say so. */
function gateClosed({ state, run, step }: Turn, index: number, closed: Drift): readonly Event[] {
  const { number: plan } = state
  const says = closed.because.join('; ')
  if (step.kind === 'started' || hasWritten(run)) {
    const applied = step.kind === 'started' ? 'unknown' : 'no'
    return [{ type: 'step-failed', plan, step: index, applied, says }]
  }
  const [voided, ...anew] = voidedBy(closed, state)
  return [
    ...(voided ? [voided] : []),
    { type: 'run-ended', plan, outcome: 'gate-closed', says },
    ...anew,
  ]
}
