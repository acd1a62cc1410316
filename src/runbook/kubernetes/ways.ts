import { rollsBackBy } from '../../domain/plan/about-request.ts'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import { versionsOf } from '../../domain/workload/versions.ts'
import type { Revision } from '../../domain/workload/workload.ts'
import type { RevisionId } from '../../ports/deployment-state.ts'
import { infeasible, type Judged } from '../procedure.ts'
import { chooseTarget, isOf } from './choose-target.ts'
import { changesIn } from './steps/restore-revisions.ts'

/** One service as it is judged: as an assessment lists it, or as a plan looks at it. */
export type Running<Kept extends Revision> = {
  readonly service: string
  readonly paused: boolean
  readonly ownedBy: string | null
  readonly current: Kept | null
  readonly previous: readonly Kept[]
}

export type Way<Kept extends Revision, Service extends Running<Kept>> = {
  readonly release: Service
  readonly from: Kept
  readonly to: Kept
  readonly because: string
}

export type Ways<Kept extends Revision, Service extends Running<Kept>> = {
  readonly ways: readonly Way<Kept, Service>[]
  /** Those that stand where they should, each in a sentence. */
  readonly there: readonly string[]
}

type Judgement<Kept extends Revision, Service extends Running<Kept>> =
  | { readonly kind: 'problem' | 'there'; readonly because: string }
  | ({ readonly kind: 'way' } & Way<Kept, Service>)

/**
 * Where every service would go back to. Pure: what an assessment offers and what a plan proposes are
 * this one judgement, with the incident's earlier plans taken into account.
 */
export function judgeWays<Kept extends Revision, Service extends Running<Kept>>(
  services: readonly string[],
  running: readonly Service[],
  toVersion: string | null,
  plans: readonly PlanState[],
): Judged<Ways<Kept, Service>> {
  const before = ledBefore(plans)
  const judged = services.map((service) => {
    return judge<Kept, Service>(service, running, toVersion, before)
  })
  const of = (kind: 'problem' | 'there') =>
    judged.flatMap((one) => (one.kind === kind ? [one.because] : []))
  const ways = judged.flatMap((one) => (one.kind === 'way' ? [one] : []))
  const problems = of('problem')
  const there = of('there')
  if (problems.length > 0) return infeasible(problems.join('; '))
  if (ways.length === 0) return infeasible(there.join('; '))
  return {
    kind: 'feasible',
    to: [...new Set(ways.map(({ to }) => versionsOf(to)))].join(', '),
    because: ways
      .map(({ release: { service }, to }) => {
        return `${service} to ${versionsOf(to)}, revision ${to.number}`
      })
      .join('; '),
    warnings: [],
    found: { ways, there },
  }
}

function judge<Kept extends Revision, Service extends Running<Kept>>(
  service: string,
  running: readonly Service[],
  toVersion: string | null,
  before: Before,
): Judgement<Kept, Service> {
  const problem = (because: string) =>
    ({ kind: 'problem', because: `${service}: ${because}` }) as const
  const release = running.find((one) => one.service === service)
  if (!release) return problem('there is no such deployment')
  const { current, ownedBy, paused } = release
  if (ownedBy) return problem(`${ownedBy} owns it and would write over it`)
  if (paused) return problem('its rollout is paused; resume it first')
  if (current && toVersion !== null && isOf(current, toVersion)) {
    return { kind: 'there', because: `${service}: it runs ${toVersion} already` }
  }
  if (current && toVersion === null && before.to.has(current.templateHash)) {
    const version = versionsOf(current)
    return {
      kind: 'there',
      because: `${service}: this incident brought it back to ${version} already`,
    }
  }
  const target = chooseTarget<Kept>(release, toVersion, before.from)
  if (target.kind === 'none' || !current) {
    const gone = before.wanted.find((to) => to.service === service && !isKept(to, release))
    const because = gone
      ? `${service}: revision ${gone.number} (${versionsOf(gone)}) is not kept any more; `
      : ''
    return { kind: 'problem', because: `${because}${target.because}` }
  }
  return { kind: 'way', release, from: current, to: target.to, because: target.because }
}

function isKept({ uid }: RevisionId, { current, previous }: Running<Revision>): boolean {
  return [current, ...previous].some((one) => one?.uid === uid)
}

/** Which templates earlier plans of this incident led to, and which they led away from. */
type Before = {
  readonly to: ReadonlySet<string>
  readonly from: ReadonlySet<string>
  /** What the newest plan would lead to. */
  readonly wanted: readonly (RevisionId & { readonly service: string })[]
}

/** A plan that finishes a half-done one goes no further back, and none goes to what the incident is about. */
function ledBefore(plans: readonly PlanState[]): Before {
  const rollbacks = plans.filter(({ request }) => rollsBackBy(request))
  const done = rollbacks.filter(({ run }) => run?.ended)
  return {
    to: new Set(
      done
        .flatMap(writtenSteps)
        .flatMap(changesIn)
        .map(({ to }) => to.templateHash),
    ),
    from: new Set(plannedChanges(rollbacks).map(({ from }) => from.templateHash)),
    wanted: plannedChanges(rollbacks.slice(-1)).map(({ service, to }) => ({ ...to, service })),
  }
}

function plannedChanges(states: readonly PlanState[]) {
  return states.flatMap(stepsOf).flatMap(changesIn)
}

function stepsOf({ plan }: PlanState): readonly PlannedStep[] {
  return plan?.steps ?? []
}
