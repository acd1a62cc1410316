import type { PlanRequest, RequestKind, RequestOf } from '../domain/plan/plan-request.ts'
import type { Infeasible, Draft, Resolved } from '../domain/plan/plan.ts'
import type { PlanState } from '../domain/plan/plan-state.ts'
import type { TroubleBegan } from '../domain/assessment/onset.ts'
import type { TakesBack } from '../domain/plan/feasibility.ts'
import type { ReadinessCheck } from '../domain/readiness/readiness.ts'
import type { ProcedureName } from '../domain/plan/requests.ts'
import type { Step } from '../engine/run/step.ts'
import type { World } from '../ports/world.ts'
import type { RunbookSettings } from './parts/settings.ts'

/** Everything that a plan is made from: the same circumstances make the same plan. */
export type Circumstances = {
  readonly world: World
  readonly settings: RunbookSettings
  /** The plans of the incident so far, in the order they were asked for. */
  readonly plans: readonly PlanState[]
  /** When the trouble was first heard of; `null`: no incident is open. */
  readonly beganAt: string | null
  /** When a trouble that was measured began; `null`: that is not known. Left out: none was measured. */
  readonly began?: TroubleBegan | null
  readonly signal: AbortSignal
  /** The step of that id. Throws when there is none: the journal is not what this program wrote (J3). */
  readonly stepOf: (id: string) => Step
}

/** Answers a request against the world as it is now. Throws a `Fault`. */
export type Action<Kind extends RequestKind> = (
  request: RequestOf<Kind>,
  circumstances: Circumstances,
) => Promise<Resolved>

/** That it is possible, and where it leads; what an assessment offers. */
export type Judged<Found> =
  | Infeasible
  | {
      readonly kind: 'feasible'
      /** The version it leads to. */
      readonly to: string | null
      /** "backend to v1.9.0, revision 4". */
      readonly because: string
      readonly warnings: readonly string[]
      readonly takesBack?: TakesBack | null
      readonly found: Found
    }

/**
 * A named way back. `glance` and `look` both end in the same judgement, so that an assessment offers
 * what a plan proposes. Each throws a `Fault`.
 */
export type WayBack<Kind extends ProcedureName, Found, Beside> = {
  /** For an assessment: what it asks may be shared with the probes. */
  glance(circumstances: Circumstances): Promise<Judged<unknown>>
  look(request: RequestOf<Kind>, circumstances: Circumstances): Promise<Judged<Found>>
  /** What else goes into the plan; asked at the same time. */
  beside(circumstances: Circumstances, request: RequestOf<Kind>): Promise<Beside>
  draft(found: Found, beside: Beside, circumstances: Circumstances): Draft
  /** Whether what it needs is there, beside a plan and its rehearsal. `null`: there is no plan. Throws a `Fault`. */
  checks?: BoundWayBack<Kind>['checks']
}

/** A way back as the registry holds it: what it has found never leaves it. */
export type BoundWayBack<Kind extends ProcedureName> = {
  glance(circumstances: Circumstances): Promise<Judged<unknown>>
  plan: Action<Kind>
  checks(
    this: void,
    draft: Draft | null,
    circumstances: Circumstances,
  ): Promise<readonly ReadinessCheck[]>
}

export function wayBack<Kind extends ProcedureName, Found, Beside>(
  way: WayBack<Kind, Found, Beside>,
): BoundWayBack<Kind> {
  return {
    glance: way.glance,
    checks: way.checks ?? (async () => []),
    async plan(request, circumstances) {
      const [judged, beside] = await Promise.all([
        way.look(request, circumstances),
        way.beside(circumstances, request),
      ])
      if (judged.kind === 'infeasible') return judged
      return { kind: 'feasible', draft: way.draft(judged.found, beside, circumstances) }
    },
  }
}

export function infeasible(because: string): Infeasible {
  return { kind: 'infeasible', because, known: true }
}

export type Registry = {
  /** `null`: this version cannot do it. */
  readonly waysBack: { readonly [Kind in ProcedureName]: BoundWayBack<Kind> | null }
  readonly actions: { readonly [Kind in Exclude<RequestKind, ProcedureName>]: Action<Kind> }
  readonly steps: readonly Step[]
}

/** What answers this request; `null`: nothing does. */
export function actionFor<Kind extends RequestKind>(
  kind: Kind,
  { waysBack, actions }: Pick<Registry, 'waysBack' | 'actions'>,
): Action<Kind> | null {
  const all: Partial<Record<PlanRequest['kind'], unknown>> = {
    ...actions,
    ...Object.fromEntries(Object.entries(waysBack).map(([name, way]) => [name, way?.plan])),
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each kind has its own line in the registry
  return (all[kind] as Action<Kind> | undefined) ?? null
}
