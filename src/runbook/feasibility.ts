import { Fault } from '../domain/base/fault.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import type { Feasibility } from '../domain/plan/feasibility.ts'
import { ProcedureName } from '../domain/plan/requests.ts'
import type { BoundWayBack, Circumstances, Registry } from './procedure.ts'

/**
 * Which ways back could be planned now, and why the others could not: each by the judgement that plans
 * it. Never throws: what could not be looked at is not known (J10).
 */
export function feasibilityOf(
  { waysBack }: Pick<Registry, 'waysBack'>,
  circumstances: Circumstances,
): Promise<readonly Feasibility[]> {
  return Promise.all(
    ProcedureName.options.map((name) => judged(name, waysBack[name], circumstances)),
  )
}

async function judged(
  name: ProcedureName,
  way: Pick<BoundWayBack<ProcedureName>, 'glance'> | null,
  circumstances: Circumstances,
): Promise<Feasibility> {
  const { deadlineMs } = circumstances.settings
  const none = { name, feasible: false, known: true, to: null, warnings: [] }
  if (!way) return { ...none, because: 'not configured' }
  const late = AbortSignal.timeout(deadlineMs)
  const signal = AbortSignal.any([circumstances.signal, late])
  try {
    const found = await untilAborted(way.glance({ ...circumstances, signal }), signal)
    if (found.kind === 'infeasible') return { ...none, known: found.known, because: found.because }
    const { to, because, warnings, takesBack } = found
    const told = takesBack ? { takesBack } : {}
    return { name, feasible: true, known: true, because, to, warnings: [...warnings], ...told }
  } catch (error) {
    return { ...none, known: false, because: `could not look: ${whyNot(error, late, deadlineMs)}` }
  }
}

function whyNot(error: unknown, { aborted }: AbortSignal, deadlineMs: number): string {
  if (error instanceof Fault) return error.detail
  return aborted
    ? `no answer within ${deadlineMs / 1000} s`
    : `looking itself failed: ${String(error)}`
}
