/* oxlint-disable typescript/no-unsafe-type-assertion -- what belongs to a kind is known by its table; the compiler cannot follow a kind that is only known later */

import { PlanRequest, type RequestKind } from './plan-request.ts'
import type { Area, RequestTraits } from './request-traits.ts'
import { ProcedureName, REQUESTS } from './requests.ts'

type Asked = { readonly request: PlanRequest }

export function wordsOf(kind: RequestKind): RequestTraits['words'] {
  return REQUESTS[kind].words as RequestTraits['words']
}

/** What has to be done before it; `undefined`: nothing. */
export function firstOf(kind: RequestKind): RequestTraits['first'] {
  const { first } = REQUESTS[kind] as unknown as RequestTraits
  return first
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
