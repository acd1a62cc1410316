import { Fault } from '../../domain/base/fault.ts'
import { planOf } from '../../domain/incident/incident.ts'
import { isGateOpen } from '../../domain/plan/plan-state.ts'
import { isFurther, type Progress } from '../../domain/plan/run.ts'
import type { World } from '../../ports/world.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import type { KnowsPlan } from './knows-plan.ts'
import { boundBy, type Preparation, type Runbook } from './runbook.ts'
import { stepContext } from './step-context.ts'

/** Makes ready what a plan's steps will need, while people decide. Ends when its gate closes. */
export function preparing(deps: {
  readonly incidents: IncidentLog
  readonly runbook: () => Promise<Runbook>
  readonly knowsPlan: KnowsPlan
  readonly world: () => Promise<World>
  readonly stopped: AbortSignal
}): (id: string, plan: number) => Promise<void> {
  const { incidents, stopped } = deps

  return async (id, number) => {
    const state = planOf(await incidents.load(id), number)
    if (!state?.plan || state.preparation || !(await deps.knowsPlan(id, state))) return
    const [runbook, world] = await Promise.all([deps.runbook(), deps.world()])
    const closed = new AbortController()
    const signal = AbortSignal.any([stopped, closed.signal])
    const context = stepContext({ incident: id, state, world, signal })
    let told = Promise.resolve()
    const report = (says: string, progress: Progress | null): void => {
      told = told.then(async () => {
        const open = await progressed(id, number, says, progress)
        if (!open) closed.abort()
      })
      // Where it cannot be written down it is prepared again later: nobody would see what comes of it.
      told.catch(() => closed.abort())
    }
    const steps = state.plan.steps.flatMap((step) => boundBy(runbook, step)?.prepare ?? [])
    const ready = await Promise.all(steps.map((prepare) => prepare(context, report)))
      .then(together)
      .catch(couldNot)
    await told
    if (stopped.aborted) return
    await incidents.append(id, (newest) => {
      const now = planOf(newest, number)
      if (!now || !isGateOpen(now) || now.preparation) return null
      return [{ type: 'plan-prepared', plan: number, what: 'preparation', ...ready }]
    })
  }

  /** Whether it is still wanted. */
  async function progressed(
    id: string,
    number: number,
    says: string,
    progress: Progress | null,
  ): Promise<boolean> {
    let open = false
    await incidents.append(id, (newest) => {
      const now = planOf(newest, number)
      open = now !== null && isGateOpen(now)
      const before = now?.preparing ?? null
      if (!open || (before?.says === says && !isFurther(before.progress, progress))) return null
      return [{ type: 'preparation-progressed', plan: number, says, progress }]
    })
    return open
  }
}

function together(parts: readonly Preparation[]): Preparation {
  const failed = parts.filter(({ ok }) => !ok)
  const told = failed.length > 0 ? failed : parts
  return { ok: failed.length === 0, says: told.map(({ says }) => says).join('; ') }
}

function couldNot(error: unknown): Preparation {
  if (!(error instanceof Fault)) throw error
  return { ok: false, says: `${error.dependency}: ${error.detail}` }
}
