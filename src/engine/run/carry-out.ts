import { backoffMs } from '../../domain/base/backoff.ts'
import { Fault } from '../../domain/base/fault.ts'
import { stepSinceMs, type StepState } from '../../domain/plan/run.ts'
import type { Clock, Sleep } from '../../ports/clock.ts'
import type { World } from '../../ports/world.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import { stepAttempt } from './attempt.ts'
import { lookContext, type Carried } from './carried.ts'
import type { GateCheck } from './gate-check.ts'
import { prove } from './prove.ts'
import { boundBy, type Runbook } from './runbook.ts'
import { hasOnlyMadeWay } from './step-context.ts'
import { stepRecord, type Turn } from './step-record.ts'

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
  /** Left out: no other process acts. */
  readonly mayAct?: (() => boolean) | undefined
  readonly stopped: AbortSignal
}

export function stepCarrier(deps: CarryOutDeps): CarryOut {
  const { incidents, clock, sleep, stopped } = deps
  const attempt = stepAttempt(deps)

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
      const inTime = leftMs > 0 ? AbortSignal.timeout(timerMs(leftMs)) : stopped
      const onlyMadeWay = hasOnlyMadeWay(runbook, turn, index)
      const carried: Carried = { step, world, record, inTime, stopped, onlyMadeWay }
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
}

/** As a timer takes it: whole, and no longer than one can be. A longer time is looked at anew by then. */
function timerMs(ms: number): number {
  return Math.min(Math.ceil(ms), 2 ** 31 - 1)
}

/** Its time is over; while we were away it may have come to its end all the same. */
async function outOfTime(carried: Carried, turn: Turn, waitedFor: string): Promise<void> {
  const { record } = carried
  const { step: now } = turn
  const last = lastWords(now) ?? waitedFor
  if (now.kind === 'started') await provenAfterAll(carried, turn)
  await record.giveUp(`not finished in time${last === '' ? '' : `: ${last}`}`)
}

/** What was seen last is told, whatever ended the waiting. */
function lastWords(step: StepState): string | null {
  const said = step.kind === 'started' ? step.says : null
  return said ?? ('waiting' in step ? step.waiting : null)
}

async function provenAfterAll(carried: Carried, turn: Turn): Promise<void> {
  try {
    const found = await carried.step.inspect(lookContext(carried, turn.state))
    if (found.kind === 'done') await prove(carried, turn, { applied: found.begun !== false })
  } catch (error) {
    // What cannot be asked now is not known, and that is what is said of the step.
    if (!(error instanceof Fault)) throw error
  }
}
