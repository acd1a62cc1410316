import type { Measurement } from '../domain/assessment/measurement.ts'
import type { Feasibility } from '../domain/plan/feasibility.ts'
import type { ProcedureName } from '../domain/plan/requests.ts'

/** What can be reached, and which ways back there are. */
export type Reach = {
  readonly measurements: readonly Measurement[]
  readonly procedures: readonly Feasibility[]
  /** Whether the settings say which keys of the cache may be cleared. */
  readonly clearsCache: boolean
}

/** What somebody could do instead of a rollback, or before it; `null`: not as things are. */
export type Alternative = (reach: Reach) => string | null

/** What only people do: Backout has no part in it. */
export function byHand(words: string): Alternative {
  return () => words
}

/** A way back beside the one that the rule speaks of. */
export function ifFeasible(name: ProcedureName, words: string): Alternative {
  return ({ procedures }) =>
    procedures.some((one) => one.name === name && one.feasible) ? words : null
}

/** What is done to the running services. Where Backout does not see them, people have their own ways. */
export function toServices(words: string): Alternative {
  return ({ measurements }) => {
    const pods = measurements.find(({ probe }) => probe === 'workloads-ready')
    if (!pods) return `${words}, by hand`
    return pods.verdict === 'unreachable' ? null : words
  }
}

/** A cache that does not answer, or takes no writes, is not cleared: first it has to be well. */
export const mendCache: Alternative = ({ measurements, clearsCache }) => {
  const cache = measurements.find(({ probe }) => probe === 'cache-answering')
  if (cache && cache.verdict !== 'healthy') return 'bring the cache back'
  return cache && clearsCache ? 'clear the cache' : 'clear the cache by hand'
}

/** What of it can be done now, in one clause; `null` when nothing can. */
export function advice(alternatives: readonly Alternative[], reach: Reach): string | null {
  const possible = alternatives.flatMap((alternative) => alternative(reach) ?? [])
  return possible.length > 0 ? possible.join(', or ') : null
}
