import type { PlanRequest, RequestKind } from '../../domain/plan/plan-request.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { Event } from '../../domain/incident/event.ts'
import { planOf, type Incident } from '../../domain/incident/incident.ts'
import { canonical, canonicalAs, SCHEMA } from '../../domain/plan/canonical.ts'
import {
  differences,
  type Draft,
  type Infeasible,
  type Plan,
  type Resolved,
} from '../../domain/plan/plan.ts'
import { isGateOpen, type PlanState } from '../../domain/plan/plan-state.ts'
import { canonicalJson } from '../../domain/text/canonical-json.ts'
import type { World } from '../../ports/world.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import type { KnowsPlan } from './knows-plan.ts'
import { preparing } from './prepare.ts'
import type { Runbook } from './runbook.ts'
import type { UsualDuration } from './usual-duration.ts'

/** How long the world may take to be planned against. */
const RESOLVE_MS = 8_000
const REHEARSE_MS = 20_000
/** Whoever asks waits for it, and so does everybody else in that incident. */
const BEFOREHAND_MS = 3_000

export type Planning = {
  /** Why the request cannot be planned now; `null`: it can, or that could not be found out in time. */
  whyImpossible(incident: Incident, request: PlanRequest): Promise<string | null>
  /** Answers the plan that was asked for: proposed, or why there is none. */
  resolve(id: string, plan: number): Promise<void>
  /** Asks the targets whether they would accept it. */
  rehearse(id: string, plan: number): Promise<void>
  /** Makes ready what the plan will need. */
  prepare(id: string, plan: number): Promise<void>
  /** Looks whether what is being signed still fits the world; proposes anew what does not. */
  recheck(id: string, plan: number): Promise<void>
  /** What became of the plan: `null` when it is the same deed still. Throws a `Fault`. */
  drift(incident: Incident, state: PlanState, signal: AbortSignal): Promise<Drift | null>
}

/** Why a plan does not fit any more, and the one that does. */
export type Drift = { readonly because: readonly string[]; readonly proposal: Plan | null }

type Signable = { readonly plan: Plan } & Pick<PlanState, 'request' | 'began'>
type Compared = { readonly drift: Drift | null; readonly cautions: readonly string[] }

export type PlanningDeps = {
  readonly incidents: IncidentLog
  readonly runbook: () => Promise<Runbook>
  readonly knowsPlan: KnowsPlan
  readonly world: () => Promise<World>
  readonly hash: (text: string) => string
  /** How long such a plan, and each of its steps, took the last times. */
  readonly tookBefore: (kind: RequestKind, steps: Plan['steps']) => Promise<UsualDuration>
  readonly stopped: AbortSignal
}

export function planning(deps: PlanningDeps): Planning {
  const { incidents } = deps

  function within(ms: number): AbortSignal {
    return AbortSignal.any([deps.stopped, AbortSignal.timeout(ms)])
  }

  async function toPlan(draft: Draft, { request }: Pick<PlanState, 'request'>): Promise<Plan> {
    const took = await deps.tookBefore(request.kind, draft.steps)
    return { ...draft, digest: deps.hash(canonical(draft)), schema: SCHEMA, ...took }
  }

  /** Held against what was signed, in the words of the version that it was signed under. */
  function isSameDeed(signed: Plan, now: Draft): boolean {
    return signed.digest === deps.hash(canonicalAs(signed, now))
  }

  async function resolved(
    incident: Incident,
    { request }: Pick<PlanState, 'request'>,
    signal: AbortSignal,
    known?: Pick<PlanState, 'began'>,
  ): Promise<Resolved> {
    return (await deps.runbook()).resolve(request, incident, signal, known)
  }

  /** The plan as it would be made now, and what is different in its deed; `null`: nothing is. */
  async function compared(
    { plan, request, began }: Signable,
    incident: Incident,
    signal: AbortSignal,
  ): Promise<Compared> {
    const now = await resolved(incident, { request }, signal, { began })
    if (now.kind === 'infeasible') {
      return { drift: { because: [now.because], proposal: null }, cautions: plan.cautions }
    }
    const { cautions } = now.draft
    if (isSameDeed(plan, now.draft)) return { drift: null, cautions }
    const proposal = await toPlan(now.draft, { request })
    return { drift: { because: differences(plan, proposal), proposal }, cautions }
  }

  return {
    async whyImpossible(incident, request) {
      const soon = within(BEFOREHAND_MS)
      const found = await resolved(incident, { request }, soon).catch(notAsked)
      return found.kind === 'infeasible' && !soon.aborted ? found.because : null
    },

    async resolve(id, number) {
      const incident = await incidents.load(id)
      const state = planOf(incident, number)
      if (!state || state.plan || state.ended) return
      const found = await resolved(incident, state, within(RESOLVE_MS), state).catch(notAsked)
      const proposal = found.kind === 'feasible' ? await toPlan(found.draft, state) : null
      if (deps.stopped.aborted) return
      await incidents.append(id, (newest) => {
        const now = planOf(newest, number)
        if (!now || now.plan || now.ended) return null
        if (proposal) return [{ type: 'plan-proposed', plan: number, proposal }]
        const because = found.kind === 'infeasible' ? found.because : ''
        return [{ type: 'plan-infeasible', plan: number, because }]
      })
    },

    async rehearse(id, number) {
      const state = planOf(await incidents.load(id), number)
      if (!state?.plan || state.rehearsal || !(await deps.knowsPlan(id, state))) return
      const { steps } = state.plan
      const signal = within(REHEARSE_MS)
      const rehearsal = await (await deps.runbook()).rehearse(steps, signal).catch((error) => ({
        ok: false,
        says: `it could not be tried: ${notAsked(error).because}`,
      }))
      if (deps.stopped.aborted) return
      await incidents.append(id, (newest) => {
        const now = planOf(newest, number)
        if (!now || !isGateOpen(now) || now.rehearsal) return null
        return [{ type: 'plan-prepared', plan: number, what: 'rehearsal', ...rehearsal }]
      })
    },

    prepare: preparing(deps),

    async recheck(id, number) {
      const incident = await incidents.load(id)
      const state = planOf(incident, number)
      if (!state?.plan || !isGateOpen(state) || !(await deps.knowsPlan(id, state))) return
      // That it cannot be asked now changes nothing: it is asked again before the first write (J7).
      const soon = within(RESOLVE_MS)
      const found = await compared({ ...state, plan: state.plan }, incident, soon).catch(faultOnly)
      if (!found || deps.stopped.aborted) return
      await incidents.append(id, (newest) => {
        const now = planOf(newest, number)
        if (!now?.plan || !isGateOpen(now)) return null
        if (found.drift) return voidedBy(found.drift, now, newest)
        return canonicalJson(found.cautions) === canonicalJson(now.plan.cautions)
          ? null
          : [{ type: 'plan-cautioned', plan: number, cautions: [...found.cautions] }]
      })
    },

    async drift(incident, { plan, request, began }, signal) {
      if (!plan) return null
      return (await compared({ plan, request, began }, incident, signal)).drift
    },
  }
}

/** All signatures are void, and what fits the world now is there to be signed instead. */
export function voidedBy(
  { because, proposal }: Drift,
  state: PlanState,
  { plans }: Incident,
): readonly Event[] {
  const { number, request, requestedBy: by, requestedByHuman: human, began } = state
  const told = began === undefined ? {} : { began }
  const plan = plans.length + 1
  return [
    { type: 'plan-voided', plan: number, because: [...because] },
    ...(proposal
      ? [
          { type: 'plan-requested', plan, by, human, request, ...told } as const,
          { type: 'plan-proposed', plan, proposal } as const,
        ]
      : []),
  ]
}

function notAsked(error: unknown): Infeasible {
  if (!(error instanceof Fault)) throw error
  const because = `${error.dependency} could not be asked: ${error.detail}`
  return { kind: 'infeasible', because, known: false }
}

function faultOnly(error: unknown): null {
  if (!(error instanceof Fault)) throw error
  return null
}
