import type { Incident } from '../../domain/incident/incident.ts'
import type { PlanRequest, Resolved } from '../../domain/plan/plan.ts'
import type { World } from '../../ports/world.ts'
import type { RunbookSettings } from './settings.ts'

/** What a plan is made from. */
export type Circumstances = {
  readonly world: World
  readonly settings: RunbookSettings
  readonly incident: Incident
  readonly signal: AbortSignal
}

type RequestOf<Kind extends PlanRequest['kind']> = Extract<PlanRequest, { kind: Kind }>

/** A named way back: resolves a request against the world as it is now. Throws a `Fault`. */
export type Procedure<Kind extends PlanRequest['kind']> = (
  request: RequestOf<Kind>,
  circumstances: Circumstances,
) => Promise<Resolved>

export function infeasible(because: string): Resolved {
  return { kind: 'infeasible', because }
}
