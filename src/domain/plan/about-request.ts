/* oxlint-disable typescript/no-unsafe-type-assertion -- what belongs to a kind is known by its table; the compiler cannot follow a kind that is only known later */

import { PlanRequest, type RequestKind } from './plan-request.ts'
import type { PlanState } from './plan-state.ts'
import { hasDone, mayHaveWritten } from './run.ts'
import type { Area, RequestTraits } from './request-traits.ts'
import { ProcedureName, REQUESTS } from './requests.ts'

type Asked = { readonly request: PlanRequest }

export function wordsOf(kind: RequestKind): RequestTraits['words'] {
  return REQUESTS[kind].words as RequestTraits['words']
}

/** The title of an incident that is opened by this request. */
export function incidentTitleOf(request: PlanRequest): string {
  return wordsOf(request.kind).incident(request)
}

/** A way back with what was chosen for it, and what it does not take left out. */
export function procedureRequest(
  kind: ProcedureName,
  { toVersion = null, backup = null, service, all, message }: Chosen,
): PlanRequest {
  return PlanRequest.parse({ kind, toVersion, backup, flag: null, service, all, message })
}

/** What a person may choose with a way back. */
type Chosen = {
  readonly toVersion?: string | null
  readonly backup?: string | null
  readonly service?: string | undefined
  readonly all?: true | undefined
  readonly message?: string | undefined
}

export function rollsBackBy({ kind }: PlanRequest): boolean {
  return REQUESTS[kind].rollsBack !== false
}

/** The plan that it takes back; `null` when it is not an undo. */
export function undonePlan(request: PlanRequest): number | null {
  return 'plan' in request ? request.plan : null
}

/** What an undo takes back, and the plans before that one. */
function undoneBy(
  request: PlanRequest,
  plans: readonly Asked[],
): readonly [PlanRequest | undefined, readonly Asked[]] {
  const before = plans.slice(0, Math.max(0, (undonePlan(request) ?? 0) - 1))
  return [plans[before.length]?.request, before]
}

/** Whether a watch follows its run. What lets something else write is not followed when it is taken back. */
export function watchedHow(
  request: PlanRequest,
  plans: readonly Asked[],
): 'when-done' | 'however-it-ends' | 'never' {
  const { watched } = REQUESTS[request.kind]
  if (watched !== 'as-undone') return watched
  const [deed, before] = undoneBy(request, plans)
  return deed && watchedHow(deed, before) === 'when-done' ? 'when-done' : 'never'
}

/** What it may change. */
export function touchedBy(request: PlanRequest, plans: readonly Asked[]): readonly Area[] {
  const { touches } = REQUESTS[request.kind]
  if (touches !== 'as-undone') return touches
  const [deed, before] = undoneBy(request, plans)
  return deed ? touchedBy(deed, before) : []
}

/** What is asked for now by asking for this: what has to be done before it, until that was done and still stands. */
export function nextRequest(request: PlanRequest, plans: readonly PlanState[]): PlanRequest {
  const { first } = REQUESTS[request.kind] as unknown as RequestTraits
  if (first === undefined) return request
  const backup = 'backup' in request ? request.backup : null
  const done = plans.findLast(({ request: { kind }, run }) => kind === first && hasDone(run))
  const changed = plans.some((later) => {
    const after = done !== undefined && later.number > done.number
    return after && later.run && mayHaveWritten(later.run) && touchSameAreas(later, done, plans)
  })
  const other =
    done && backup !== null && 'backup' in done.request && done.request.backup !== backup
  return done && !changed && !other ? request : PlanRequest.parse({ kind: first, backup })
}

function touchSameAreas(one: Asked, other: Asked, plans: readonly Asked[]): boolean {
  const areas = touchedBy(other.request, plans)
  return touchedBy(one.request, plans).some((area) => areas.includes(area))
}

/** The way back that this was done for; `null`: it was done for its own sake, or that is done too. */
export function doneFor(state: PlanState, plans: readonly PlanState[]): ProcedureName | null {
  const { kind } = state.request
  const name = ProcedureName.options.find((one) => {
    const { first } = REQUESTS[one] as unknown as RequestTraits
    return first === kind
  })
  if (!name || !hasDone(state.run)) return null
  return nextRequest(procedureRequest(name, {}), plans).kind === name ? name : null
}
