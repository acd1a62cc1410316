import { watchedHow } from '../../domain/plan/about-request.ts'
import type { Event } from '../../domain/incident/event.ts'
import { planOf, type Incident } from '../../domain/incident/incident.ts'
import { mayStart, type Rules } from '../../domain/incident/next-action.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import {
  hasDone,
  isRunning,
  mayHaveWritten,
  runAction,
  type RunAction,
} from '../../domain/plan/run.ts'
import { targetIn } from '../../domain/plan/target.ts'
import { watchStarted } from '../../domain/plan/decide-plan.ts'
import { watchGoesOn } from '../../domain/plan/watch-goes-on.ts'
import { scheduleFrom } from '../../domain/watch/schedule.ts'
import { isWatching } from '../../domain/watch/watch.ts'
import type { Clock } from '../../ports/clock.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import type { CarryOut } from './carry-out.ts'
import type { KnowsPlan } from './knows-plan.ts'
import { stepRecord } from './step-record.ts'

/** Said on the card, where people see whether to wait or to stop it. */
const OF_ANOTHER_VERSION =
  'the Backout that acts now does not know all steps of this plan: the version that made it goes on as soon as it acts'

export type RunPlan = {
  /** Carries the incident's signed plan out, to its end or until the process ends. */
  run(id: string, plan: number): Promise<void>
  /** Every run of the incident that waits for something looks again at once. */
  wake(id: string): void
}

export function planRunner(deps: {
  readonly incidents: IncidentLog
  readonly carryOut: CarryOut
  readonly knowsPlan: KnowsPlan
  readonly clock: Clock
  readonly rules: Rules
  readonly environment: string
  readonly stopped: AbortSignal
  /** A target is free again: whoever waited for it may go on. */
  readonly released: () => void
}): RunPlan {
  const { incidents } = deps
  const waking = new Map<string, AbortController>()

  function woken(id: string): AbortSignal {
    const asleep = waking.get(id) ?? new AbortController()
    waking.set(id, asleep)
    return asleep.signal
  }

  /** With its targets in one append: two plans cannot both find a target free. */
  async function begin(id: string, plan: number): Promise<boolean> {
    const signed = planOf(await incidents.load(id), plan)?.plan
    if (!signed) return false
    const targets = signed.targets.map((target) => targetIn(deps.environment, target))
    const written = await incidents.append(
      id,
      (newest) => {
        const now = planOf(newest, plan)
        return now && mayStart(now, deps.clock.now(), deps.rules) ? begins(newest, now) : null
      },
      { holds: { plan, targets } },
    )
    if (written.kind !== 'held') return written.kind === 'appended'
    const { by } = written
    if (await isForgotten(by)) {
      await incidents.release(by.incident, by.plan)
      return begin(id, plan)
    }
    await incidents.append(id, (newest) => {
      const now = planOf(newest, plan)
      const told = now?.heldBy?.incident === by.incident && (now.heldBy.plan ?? by.plan) === by.plan
      const waits = now && mayStart(now, deps.clock.now(), deps.rules)
      return waits && !told ? [{ type: 'run-held', plan, by: by.incident, byPlan: by.plan }] : null
    })
    return false
  }

  /** An older version of this program ends runs without letting their targets go. */
  async function isForgotten(by: {
    readonly incident: string
    readonly plan: number
  }): Promise<boolean> {
    const state = planOf(await incidents.current(by.incident), by.plan)
    return !isRunning(state?.run ?? null)
  }

  return {
    async run(id, plan) {
      for (let holding = false; !deps.stopped.aborted;) {
        const state = planOf(await incidents.load(id), plan)
        const run = state?.run ?? null
        if (holding && !isRunning(run)) deps.released()
        if (!state?.plan || run?.ended) return
        const isKnown = await deps.knowsPlan(id, state)
        if (!isRunning(run)) {
          if (!isKnown || !(await begin(id, plan))) return
          continue
        }
        holding = true
        const action = runAction(run, state.plan, deps.clock.now())
        // Their word is written down, and that begins this anew (J6).
        if (action.kind === 'wait-for-people') return
        // Once somebody has stopped it, nobody waits for the version that knows it.
        if (action.kind === 'carry-out' && !isKnown && !run.abort) {
          return stepRecord(incidents, id, plan, action.step).wait(OF_ANOTHER_VERSION)
        }
        if (action.kind === 'carry-out') {
          await deps.carryOut({ incident: id, plan, index: action.step, woken: () => woken(id) })
        } else {
          await incidents.append(id, (newest) =>
            ends(newest, plan, action, { nowMs: deps.clock.now(), hours: deps.rules.watchHours }),
          )
        }
      }
    },
    wake(id) {
      waking.get(id)?.abort()
      waking.delete(id)
    },
  }
}

/** What was watched is about to change: the watch over it is over, and a new one follows the run. */
function begins(incident: Incident, { number: plan, request }: PlanState): readonly Event[] {
  const { watch, plans } = incident
  const over = isWatching(watch) && watchedHow(request, plans) === 'when-done'
  return [
    ...(over ? [{ type: 'watch-ended', watch: watch.number, because: 'stopped' } as const] : []),
    { type: 'run-started', plan },
  ]
}

/** A watch over what the run has left takes the place of any other; where it left nothing, the one before goes on. */
function ends(
  incident: Incident,
  plan: number,
  { outcome, says }: Extract<RunAction, { kind: 'end' }>,
  { nowMs, hours }: { readonly nowMs: number; readonly hours: number },
): readonly Event[] | null {
  const { watch, plans } = incident
  const state = planOf(incident, plan)
  if (!state || !isRunning(state.run)) return null
  const how = watchedHow(state.request, plans)
  const done = hasDone({ ...state.run, ended: { outcome, says, at: '' } })
  // However it ended: what it has written is looked at.
  const watches = how !== 'never' && (mayHaveWritten(state.run) || (how === 'when-done' && done))
  return [
    { type: 'run-ended', plan, outcome, says },
    ...(watches && isWatching(watch)
      ? [{ type: 'watch-ended', watch: watch.number, because: 'stopped' } as const]
      : []),
    ...(watches
      ? [watchStarted((watch?.number ?? 0) + 1, plan, scheduleFrom(nowMs, hours))]
      : watchGoesOn(incident, state.run, nowMs)),
  ]
}
