import { backoffMs } from '../../domain/base/backoff.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { hasWritten, stepSinceMs } from '../../domain/plan/run.ts'
import { isOurs, proofMove, stepMove, type StepMove } from '../../domain/plan/step-move.ts'
import type { Clock, Sleep } from '../../ports/clock.ts'
import type { World } from '../../ports/world.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import { gateClosed } from './gate-closed.ts'
import type { GateCheck } from './gate-check.ts'
import type { Drift } from './planning.ts'
import { boundBy, type Runbook } from './runbook.ts'
import type { BoundInspection, BoundStep, StepContext } from './step.ts'
import { hasOnlyMadeWay, stepContext } from './step-context.ts'
import { stepRecord, type StepRecord, type Turn } from './step-record.ts'
import { mayFinish, turnFacts } from './turn-facts.ts'

/** A look may take this long, then it is asked again. */
const LOOK_MS = 15_000
const POLL_MS = 1_000
const BACKOFF = { firstMs: POLL_MS, lastMs: 10_000 } as const

/** Carries one step on until it has a result, or the process ends. `woken`: look again at once. */
export type CarryOut = (step: {
  readonly incident: string
  readonly plan: number
  readonly index: number
  readonly woken: () => AbortSignal
}) => Promise<void>

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
  /** Nothing was written yet but what makes way for this step. */
  readonly onlyMadeWay: boolean
}

export function stepCarrier(deps: CarryOutDeps): CarryOut {
  const { incidents, clock, sleep, stopped } = deps

  return async ({ incident: id, plan, index, woken }) => {
    const record = stepRecord(incidents, id, plan, index)
    const planned = (await record.turn())?.state.plan?.steps[index]
    if (!planned) return
    const [runbook, world] = await Promise.all([deps.runbook(), deps.world()])
    const step = boundBy(runbook, planned)
    if (!step) return record.giveUp('this version of Backout does not know how to carry it out')

    for (let failures = 0, waitedFor = ''; !stopped.aborted;) {
      const turn = await record.turn()
      // Stopped before it began: the run ends without it.
      if (!turn || (turn.run.abort && turn.step.kind === 'pending')) return
      // What has waited to begin still gets its whole time once it has begun.
      const leftMs = stepSinceMs(turn.run, index) + step.deadlineMs - clock.now()
      const inTime = leftMs > 0 ? AbortSignal.timeout(leftMs) : stopped
      const onlyMadeWay = hasOnlyMadeWay(runbook, turn, index)
      const carried: Carried = { step, world, record, inTime, onlyMadeWay }
      if (leftMs <= 0) return outOfTime(carried, turn, waitedFor)
      const wake = woken()
      try {
        if ((await attempt(carried, turn)) === 'result') return
        failures = 0
        await sleep(POLL_MS, AbortSignal.any([stopped, wake]))
      } catch (error) {
        if (stopped.aborted) return
        if (!(error instanceof Fault)) throw error
        waitedFor = `${error.dependency}: ${error.detail}`
        // What has begun is waited for: somebody may mend it before the deadline.
        const begun = (await record.turn())?.step.kind === 'started'
        if (error.kind === 'terminal' && !begun) return record.giveUp(waitedFor)
        await record.wait(waitedFor)
        failures += 1
        // However long a dependency asks for: never past the step's own time, and never deaf to a stop.
        const askedMs = error.retryAfterMs ?? backoffMs(failures, BACKOFF)
        const waitMs = Math.min(askedMs, BACKOFF.lastMs, leftMs)
        await sleep(waitMs, AbortSignal.any([stopped, wake]))
      }
    }
  }

  /** One look, what follows from it, and one proof. The same for a fresh step and a cut-off one (J4). */
  async function attempt(carried: Carried, turn: Turn): Promise<'result' | 'again'> {
    const { step, record } = carried
    const found = await step.inspect(contextOf(carried, turn.state))
    const facts = turnFacts(step, turn)
    const first = stepMove(found, { ...facts, gate: 'unasked' })
    if (first.kind !== 'ask-gate') return carryMove(carried, turn, found, first)
    const closed = await whyClosed(carried, turn)
    const move = stepMove(found, { ...facts, gate: closed ? 'closed' : 'holds' })
    if (move.kind !== 'refuse' || !closed) return carryMove(carried, turn, found, move)
    // What closed it may be what this run itself has written, and lost the reply of.
    if (await isOurDoing(carried, turn.state)) return 'again'
    await record.append((newest, incident) => gateClosed(newest, incident, record.index, closed))
    return 'result'
  }

  async function carryMove(
    carried: Carried,
    turn: Turn,
    found: BoundInspection,
    move: StepMove,
  ): Promise<'result' | 'again'> {
    const { record } = carried
    switch (move.kind) {
      case 'fail': {
        const blocked = found.kind === 'blocked' && move.because === 'blocked'
        await record.fail(move.applied, blocked ? found.says : 'stopped before it was finished')
        return 'result'
      }
      case 'prove':
        return prove(carried, turn, move.applied)
      case 'apply':
        return found.kind === 'needed' ? apply(carried, turn, found) : 'again'
      case 'ask-gate':
      case 'refuse':
        return 'again'
      default:
        return move satisfies never
    }
  }

  async function apply(
    carried: Carried,
    turn: Turn,
    found: Extract<BoundInspection, { kind: 'needed' }>,
  ): Promise<'result' | 'again'> {
    const { record, step, inTime } = carried
    const finishes = found.begun === true && step.onAbort === 'finish'
    // Durable before any effect, and only while nobody has stopped the run meanwhile (J1, J2).
    if (!(await record.start({ finishes }))) return 'again'
    const context = contextOf(carried, turn.state, AbortSignal.any([inTime, stopped]))
    const unsigned = mayFinish(turn, { ...carried, ...found }) ? Infinity : context.sendBeforeMs
    // This machine may have slept since the signatures were looked at (J7).
    if (clock.now() >= unsigned) return 'again'
    const done = await found.apply({ ...context, sendBeforeMs: unsigned })
    if (done.kind === 'look-again') return 'again'
    if (done.kind === 'refused') {
      await record.fail(done.applied, done.says)
      return 'result'
    }
    return prove(carried, turn, true)
  }

  async function whyClosed(
    { record, inTime, onlyMadeWay }: Carried,
    { state, run }: Turn,
  ): Promise<Drift | null> {
    if (!hasWritten(run)) {
      const now = await incidents.load(record.incident)
      return deps.gateCheck.whole(now, state, withLookDeadline(inTime))
    }
    return onlyMadeWay ? deps.gateCheck.signatures(state) : null
  }

  /** Its time is over; while we were away it may have come to its end all the same. */
  async function outOfTime(carried: Carried, turn: Turn, waitedFor: string): Promise<void> {
    const { record } = carried
    const { step: now } = turn
    const last = now.kind === 'started' ? (now.says ?? waitedFor) : waitedFor
    if (now.kind === 'started') await provenAfterAll(carried, turn)
    await record.giveUp(`not finished in time${last === '' ? '' : `: ${last}`}`)
  }

  async function provenAfterAll(carried: Carried, turn: Turn): Promise<void> {
    try {
      const found = await carried.step.inspect(contextOf(carried, turn.state))
      if (found.kind === 'done') await prove(carried, turn, found.begun !== false)
    } catch (error) {
      // What cannot be asked now is not known, and that is what is said of the step.
      if (!(error instanceof Fault)) throw error
    }
  }

  async function isOurDoing(carried: Carried, state: PlanState): Promise<boolean> {
    const found = await carried.step.inspect(contextOf(carried, state))
    const started = (await carried.record.turn())?.step.kind === 'started'
    return isOurs(found, { started })
  }

  async function prove(
    carried: Carried,
    { state }: Turn,
    applied: boolean,
  ): Promise<'result' | 'again'> {
    const { step, record } = carried
    const proof = await step.verify(contextOf(carried, state))
    const stopping = (await record.turn())?.run.abort != null
    const move = proofMove({ kind: proof.kind, applied, stopping, onAbort: step.onAbort })
    switch (move.kind) {
      case 'succeed':
        await record.succeed({ applied, says: proof.says })
        return 'result'
      case 'fail': {
        const under = `stopped while it was under way: ${proof.says}`
        await record.fail(applied ? 'yes' : 'no', move.because === 'stopped' ? under : proof.says)
        return 'result'
      }
      case 'again': {
        const progress = (proof.kind === 'not-yet' && proof.progress) || null
        if (move.as === 'progress') await record.progress(proof.says, progress)
        else await record.wait(proof.says)
        return 'again'
      }
      default:
        return move satisfies never
    }
  }

  function withLookDeadline(inTime: AbortSignal): AbortSignal {
    return AbortSignal.any([inTime, stopped, AbortSignal.timeout(LOOK_MS)])
  }

  function contextOf(
    { world, record, inTime }: Carried,
    state: PlanState,
    signal = withLookDeadline(inTime),
  ): StepContext {
    return stepContext({ incident: record.incident, state, world, signal })
  }
}
