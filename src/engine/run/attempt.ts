import { signedUntilMs } from '../../domain/plan/gate.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { hasWritten, leftNothing } from '../../domain/plan/run.ts'
import { isOurs, stepMove, type StepMove } from '../../domain/plan/step-move.ts'
import type { Clock, Sleep } from '../../ports/clock.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import { lookContext, withLookDeadline, type Carried } from './carried.ts'
import type { GateCheck } from './gate-check.ts'
import { gateClosed } from './gate-closed.ts'
import type { Drift } from './planning.ts'
import { prove, type Attempted } from './prove.ts'
import type { BoundInspection } from './step.ts'
import type { Turn } from './step-record.ts'
import { mayFinish, turnFacts } from './turn-facts.ts'
import { write } from './write.ts'

type Needed = Extract<BoundInspection, { kind: 'needed' }>

/**
 * One look, what follows from it, and one proof. The same for a fresh step and for one that was cut
 * off (J4). Throws a `Fault`.
 */
export function stepAttempt(deps: {
  readonly incidents: IncidentLog
  readonly gateCheck: GateCheck
  readonly clock: Clock
  readonly sleep: Sleep
  readonly mayAct?: (() => boolean) | undefined
}): (carried: Carried, turn: Turn) => Promise<Attempted> {
  const { incidents, gateCheck, clock, sleep, mayAct = () => true } = deps

  return async (carried, turn) => {
    const { step, record } = carried
    const found = await step.inspect(lookContext(carried, turn.state))
    const facts = turnFacts(step, turn)
    const first = stepMove(found, { ...facts, gate: 'unasked' })
    if (first.kind !== 'ask-gate') return carryMove(carried, turn, found, first)
    const closed = await whyClosed(carried, turn)
    const move = stepMove(found, { ...facts, gate: closed ? 'closed' : 'holds' })
    if (move.kind !== 'refuse' || !closed) return carryMove(carried, turn, found, move)
    // What closed it may be what this run itself has written, and lost the reply of.
    if (await isOurDoing(carried, turn.state)) return 'again'
    await record.append((newest, incident) =>
      gateClosed(newest, incident, record.index, { closed, nowMs: clock.now() }),
    )
    return 'result'
  }

  async function whyClosed(carried: Carried, { state, run }: Turn): Promise<Drift | null> {
    if (!hasWritten(run)) {
      const now = await incidents.load(carried.record.incident)
      return gateCheck.whole(now, state, withLookDeadline(carried))
    }
    return carried.onlyMadeWay ? gateCheck.signatures(state) : null
  }

  async function carryMove(
    carried: Carried,
    turn: Turn,
    found: BoundInspection,
    move: StepMove,
  ): Promise<Attempted> {
    const { record } = carried
    switch (move.kind) {
      case 'fail': {
        const blocked = found.kind === 'blocked' && move.because === 'blocked'
        await record.fail(move.applied, blocked ? found.says : 'stopped before it was finished')
        return 'result'
      }
      case 'prove':
        return prove(carried, turn, move)
      case 'apply':
        return found.kind === 'needed' ? apply(carried, turn, found) : 'again'
      case 'ask-gate':
      case 'refuse':
        return 'again'
      default:
        return move satisfies never
    }
  }

  async function apply(carried: Carried, turn: Turn, found: Needed): Promise<Attempted> {
    const { record, step, onlyMadeWay } = carried
    const { begun } = found
    const finishes = begun === true && step.onAbort === 'finish'
    // Durable before any effect, and only while nobody has stopped the run meanwhile (J1, J2).
    if (!(await record.start({ finishes }))) return 'again'
    const signed = signedUntilMs(turn.state)
    const sendBeforeMs = mayFinish(turn, { begun, onlyMadeWay }) ? Infinity : signed
    // This machine may have slept since the signatures were looked at (J7), and another process act now (J5).
    if (clock.now() >= sendBeforeMs || !mayAct()) return 'again'
    const { apply: applied } = found
    const done = await write(carried, turn.state, { apply: applied, sendBeforeMs, clock, sleep })
    if (done.kind === 'look-again') return 'again'
    if (done.kind === 'refused') {
      await record.fail(done.applied, done.says, leftNothing(done))
      return 'result'
    }
    return prove(carried, turn, { applied: true, discovery: done.found })
  }
}

async function isOurDoing(carried: Carried, state: PlanState): Promise<boolean> {
  const found = await carried.step.inspect(lookContext(carried, state))
  const started = (await carried.record.turn())?.step.kind === 'started'
  return isOurs(found, { started })
}
