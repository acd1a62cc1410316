import type { Event } from '../../domain/incident/event.ts'
import { currentPlan, type Incident } from '../../domain/incident/incident.ts'
import { mayStart, type Rules } from '../../domain/incident/next-action.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { isRunning, mayHaveWritten, runAction, type RunAction } from '../../domain/plan/run.ts'
import type { Clock } from '../../ports/clock.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import type { CarryOut } from './carry-out.ts'

export type RunPlan = {
  /** Carries the incident's signed plan out, to its end or until the process ends. */
  run(id: string): Promise<void>
}

export function planRunner(deps: {
  readonly incidents: IncidentLog
  /** Every incident that may hold a target. */
  readonly open: () => readonly Incident[]
  readonly carryOut: CarryOut
  readonly clock: Clock
  readonly rules: Rules
  readonly stopped: AbortSignal
  /** A target is free again: whoever waited for it may go on. */
  readonly released: () => void
}): RunPlan {
  const { incidents } = deps

  /** One transaction: two incidents cannot both find a target free. */
  function begin(id: string): 'begun' | 'held' | 'nothing' {
    return incidents.together(() => {
      const state = currentPlan(incidents.load(id))
      if (!state?.plan || !mayStart(state, deps.clock.now(), deps.rules)) return 'nothing'
      const holder = holderOf(state.plan.targets, id, deps.open())
      const { number: plan } = state
      if (!holder) {
        incidents.append(id, (newest) => begins(newest, plan))
        return 'begun'
      }
      if (state.heldBy !== holder)
        incidents.append(id, () => [{ type: 'run-held', plan, by: holder }])
      return 'held'
    })
  }

  return {
    async run(id) {
      for (let holding = false; !deps.stopped.aborted;) {
        const state = currentPlan(incidents.load(id))
        if (holding && !isRunning(state?.run ?? null)) {
          deps.released()
          return
        }
        if (!state || state.run?.ended) return
        if (!isRunning(state.run)) {
          if (begin(id) !== 'begun') return
          continue
        }
        holding = true
        const action = runAction(state.run)
        if (action.kind === 'carry-out') {
          await deps.carryOut(id, state.number, action.step)
          continue
        }
        incidents.append(id, (newest) => end(newest, state.number, action))
      }
    },
  }
}

/** The incident whose run writes to one of these now. */
function holderOf(
  targets: readonly string[],
  id: string,
  open: readonly Incident[],
): string | undefined {
  return open.find((other) => {
    const state = currentPlan(other)
    if (other.id === id || !state || !isRunning(state.run)) return false
    return state.plan?.targets.some((target) => targets.includes(target))
  })?.id
}

/** What was watched is about to change: the watch over it is over, and a new one follows the run. */
function begins(incident: Incident, plan: number): readonly Event[] {
  const { watch } = incident
  const state = currentPlan(incident)
  const over = watch && isWatching(incident) && state && isWatched(incident, state)
  return [
    ...(over ? [{ type: 'watch-ended', watch: watch.number, because: 'stopped' } as const] : []),
    { type: 'run-started', plan },
  ]
}

function end(
  incident: Incident,
  plan: number,
  { outcome, says }: Extract<RunAction, { kind: 'end' }>,
): readonly Event[] | null {
  const state = currentPlan(incident)
  if (state?.number !== plan || !isRunning(state.run)) return null
  const { watch } = incident
  const watching = isWatching(incident)
  const anew = letsGo(state) && mayHaveWritten(state.run)
  const watches = anew || (outcome === 'succeeded' && isWatched(incident, state) && !watching)
  return [
    { type: 'run-ended', plan, outcome, says },
    ...(anew && watch && watching
      ? [{ type: 'watch-ended', watch: watch.number, because: 'stopped' } as const]
      : []),
    ...(watches ? [{ type: 'watch-started', watch: (watch?.number ?? 0) + 1, plan } as const] : []),
  ]
}

/** What changes the version is watched; a switch is not. */
function isWatched({ plans }: Incident, { request }: PlanState): boolean {
  const deed = request.kind === 'undo' ? plans[request.plan - 1]?.request.kind : request.kind
  return deed === 'kubernetes' || deed === 'restart'
}

/** What lets something else change it is watched however it ended, and until then as before. */
function letsGo({ request }: PlanState): boolean {
  return request.kind === 'resume'
}

function isWatching({ watch }: Incident): boolean {
  return watch !== null && watch.ended === null
}
