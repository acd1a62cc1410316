import type { Event } from '../../domain/incident/event.ts'
import { Fault } from '../../domain/base/fault.ts'
import { currentPlan, type Incident } from '../../domain/incident/incident.ts'
import { isGateOpen, type PlanState } from '../../domain/plan/plan-state.ts'
import {
  canonical,
  differences,
  type Draft,
  type Plan,
  type Resolved,
} from '../../domain/plan/plan.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import type { Runbook } from './runbook.ts'

/** How long the world may take to be planned against. */
const RESOLVE_MS = 8_000
const REHEARSE_MS = 20_000

export type Planning = {
  /** Answers the plan that was asked for: proposed, or why there is none. */
  resolve(id: string): Promise<void>
  /** Asks the targets whether they would accept it. */
  rehearse(id: string): Promise<void>
  /** Looks whether what is being signed still fits the world; proposes anew what does not. */
  recheck(id: string): Promise<void>
  /** What became of the plan: `null` when it is the same deed still. Throws a `Fault`. */
  drift(incident: Incident, state: PlanState, signal: AbortSignal): Promise<Drift | null>
}

/** Why a plan does not fit any more, and the one that does. */
export type Drift = { readonly because: readonly string[]; readonly proposal: Plan | null }

export function planning(deps: {
  readonly incidents: IncidentLog
  readonly runbook: () => Promise<Runbook>
  readonly hash: (text: string) => string
  /** How long such a plan took the last times; `null` when it never ran. */
  readonly expectedMs: (kind: PlanState['request']['kind']) => number | null
  readonly stopped: AbortSignal
}): Planning {
  const { incidents } = deps

  function within(ms: number): AbortSignal {
    return AbortSignal.any([deps.stopped, AbortSignal.timeout(ms)])
  }

  function toPlan(draft: Draft, { request }: PlanState): Plan {
    const expectedMs = deps.expectedMs(request.kind)
    return { ...draft, digest: deps.hash(canonical(draft)), expectedMs }
  }

  async function resolved(
    incident: Incident,
    { request }: PlanState,
    signal: AbortSignal,
  ): Promise<Resolved> {
    return (await deps.runbook()).resolve(request, incident, signal)
  }

  async function drift(
    incident: Incident,
    state: PlanState,
    signal: AbortSignal,
  ): Promise<Drift | null> {
    if (!state.plan) return null
    const now = await resolved(incident, state, signal)
    if (now.kind === 'infeasible') return { because: [now.because], proposal: null }
    const proposal = toPlan(now.draft, state)
    if (proposal.digest === state.plan.digest) return null
    return { because: differences(state.plan, proposal), proposal }
  }

  return {
    async resolve(id) {
      const incident = incidents.load(id)
      const state = currentPlan(incident)
      if (!state || state.plan || state.ended) return
      const found = await resolved(incident, state, within(RESOLVE_MS)).catch(notAsked)
      if (deps.stopped.aborted) return
      const plan = state.number
      incidents.append(id, (newest) => {
        const now = currentPlan(newest)
        if (now?.number !== plan || now.plan || now.ended) return null
        return found.kind === 'infeasible'
          ? [{ type: 'plan-infeasible', plan, because: found.because }]
          : [{ type: 'plan-proposed', plan, proposal: toPlan(found.draft, state) }]
      })
    },

    async rehearse(id) {
      const state = currentPlan(incidents.load(id))
      if (!state?.plan || state.rehearsal) return
      const { steps } = state.plan
      const signal = within(REHEARSE_MS)
      const rehearsal = await (await deps.runbook()).rehearse(steps, signal).catch((error) => ({
        ok: false,
        says: `it could not be rehearsed: ${notAsked(error).because}`,
      }))
      if (deps.stopped.aborted) return
      incidents.append(id, (newest) => {
        const now = currentPlan(newest)
        if (now?.number !== state.number || !isGateOpen(now) || now.rehearsal) return null
        return [{ type: 'plan-prepared', plan: state.number, what: 'rehearsal', ...rehearsal }]
      })
    },

    async recheck(id) {
      const incident = incidents.load(id)
      const state = currentPlan(incident)
      if (!state || !isGateOpen(state)) return
      // That it cannot be asked now changes nothing: it is asked again before the first write (J7).
      const drifted = await drift(incident, state, within(RESOLVE_MS)).catch(faultOnly)
      if (!drifted || deps.stopped.aborted) return
      incidents.append(id, (newest) => {
        const now = currentPlan(newest)
        if (now?.number !== state.number || !isGateOpen(now)) return null
        return voidedBy(drifted, now)
      })
    },

    drift,
  }
}

/** All signatures are void, and what fits the world now is there to be signed instead. */
export function voidedBy({ because, proposal }: Drift, state: PlanState): readonly Event[] {
  const { number, request, requestedBy: by, requestedByHuman: human } = state
  return [
    { type: 'plan-voided', plan: number, because: [...because] },
    ...(proposal
      ? [
          { type: 'plan-requested', plan: number + 1, by, human, request } as const,
          { type: 'plan-proposed', plan: number + 1, proposal } as const,
        ]
      : []),
  ]
}

function notAsked(error: unknown): { readonly kind: 'infeasible'; readonly because: string } {
  if (!(error instanceof Fault)) throw error
  return { kind: 'infeasible', because: `${error.dependency} could not be asked: ${error.detail}` }
}

function faultOnly(error: unknown): null {
  if (!(error instanceof Fault)) throw error
  return null
}
