import { firstOf, procedureRequest, touchedBy } from './about-request.ts'
import { leftStanding } from './left-standing.ts'
import { PlanRequest } from './plan-request.ts'
import type { PlanState } from './plan-state.ts'
import { ProcedureName } from './requests.ts'
import { hasDone, mayHaveWritten } from './run.ts'

/**
 * What is asked for now by asking for this: what has to be done before it, until that was done and still stands. What a
 * plan of the same kind has left down is gone on with first.
 */
export function nextRequest(request: PlanRequest, plans: readonly PlanState[]): PlanRequest {
  const first = firstOf(request.kind)
  if (first === undefined) return request
  const backup = 'backup' in request ? request.backup : null
  if (backup === null && leftStanding(plans)?.request.kind === request.kind) return request
  const done = plans.findLast(({ request: { kind }, run }) => kind === first && hasDone(run))
  const changed = plans.some((later) => {
    const after = done !== undefined && later.number > done.number
    return after && later.run && mayHaveWritten(later.run) && touchSameAreas(later, done, plans)
  })
  const other =
    done && backup !== null && 'backup' in done.request && done.request.backup !== backup
  return done && !changed && !other ? request : PlanRequest.parse({ kind: first, backup })
}

type Asked = Pick<PlanState, 'request'>

function touchSameAreas(one: Asked, other: Asked, plans: readonly Asked[]): boolean {
  const areas = touchedBy(other.request, plans)
  return touchedBy(one.request, plans).some((area) => areas.includes(area))
}

/** The way back that this was done for; `null`: it was done for its own sake, or that is done too. */
export function doneFor(state: PlanState, plans: readonly PlanState[]): ProcedureName | null {
  const { kind } = state.request
  const name = ProcedureName.options.find((one) => firstOf(one) === kind)
  if (!name || !hasDone(state.run)) return null
  return nextRequest(procedureRequest(name, {}), plans).kind === name ? name : null
}
