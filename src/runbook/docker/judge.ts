import type { TakesBack } from '../../domain/plan/feasibility.ts'
import { rollsBackBy } from '../../domain/plan/about-request.ts'
import type { RequestOf } from '../../domain/plan/plan-request.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import type { TroubleBegan } from '../../domain/assessment/onset.ts'
import { chooseRelease } from '../../domain/workload/choose-release.ts'
import { saidOf, type TakenBack } from '../../domain/workload/taken-back.ts'
import { imageVersion, sameImage, type LedgerEntry } from '../../domain/workload/ledger.ts'
import type { Container, ImageId } from '../../ports/containers.ts'
import { infeasible, type Judged } from '../procedure.ts'
import { cameMs, newestRelease, takenBackIn } from './dated.ts'
import { halfWay, hasEnded, servingAs, whyLeft } from './serving.ts'
import { stoppedForAWhile } from './stopped-here.ts'
import { placeNameOf } from './swap-names.ts'
import { changesIn } from './steps/swap-containers.ts'
import type { SwapChange } from './swap-change.ts'

/** One container, and the state that its successor is to have. */
export type Way = {
  readonly container: Container
  readonly to: LedgerEntry
  readonly because: string
  /** It has ended by itself, and is not what serves. */
  readonly hadEnded: boolean
  /** Its service is stopped meanwhile. */
  readonly isStopped: boolean
}

export type Ways = {
  readonly ways: readonly Way[]
  /** Those that stay as they are, and why, each in a sentence. */
  readonly stay: readonly string[]
  readonly takesBack: TakesBack | null
}

export type Team = {
  readonly services: readonly string[]
  readonly containers: readonly Container[]
  readonly entries: readonly LedgerEntry[]
  /** Versions that came within so long of each other are one release. */
  readonly releaseWindowMs: number
  /** When the trouble began; `null`: that is not known. Left out: none was measured. */
  readonly began?: TroubleBegan | null
  /** Services that the plan stops for what it does; left out: none. */
  readonly stopped?: readonly string[]
}

type Wish = Omit<RequestOf<'docker'>, 'kind'>

type Judgement =
  | { readonly kind: 'problem' | 'stays'; readonly because: string }
  | { readonly kind: 'ways'; readonly version: string; readonly ways: readonly Way[] }

/**
 * Where every service would go back to. Pure: what an assessment offers and what a plan proposes are this one
 * judgement, with the incident's earlier plans taken into account. A service without a way back holds up no other.
 */
export function judgeWays(team: Team, wish: Wish, plans: readonly PlanState[]): Judged<Ways> {
  const { service: only, toVersion } = wish
  if (only !== undefined && !team.services.includes(only)) {
    return infeasible(`${only}: no container is configured for it`)
  }
  const before = ledBefore(plans)
  const takenBack = toVersion === null ? takenBackIn(team) : null
  const release = takenBack?.since ? new Set(takenBack.since.keys()) : newestRelease(team)
  const judged = (only === undefined ? team.services : [only]).map((service): Judgement => {
    const wanted = release.has(service) || only !== undefined || wish.all === true
    return judge(
      service,
      team,
      { toVersion, wanted: wanted || toVersion !== null, takenBack },
      { plans, before },
    )
  })
  const ways = judged.flatMap((one) => (one.kind === 'ways' ? one.ways : []))
  const problems = judged.flatMap((one) => (one.kind === 'problem' ? [one.because] : []))
  const stays = judged.flatMap((one) => (one.kind === 'stays' ? [one.because] : []))
  if (ways.length === 0) return infeasible((problems.length > 0 ? problems : stays).join('; '))
  const versions = judged.flatMap((one) => (one.kind === 'ways' ? [one.version] : []))
  return {
    kind: 'feasible',
    to: [...new Set(versions)].join(', '),
    because: ways
      .map(
        ({ container, to }) => `${container.service} to ${imageVersion(to)} on ${container.host}`,
      )
      .join('; '),
    warnings: [],
    takesBack: saidOf(takenBack),
    found: {
      takesBack: saidOf(takenBack),
      ways: byDependency(ways),
      stay: [
        ...problems.map((because) => `Not rolled back: ${because}.`),
        ...stays.map((because) => `${because}.`),
      ],
    },
  }
}

type Asked = {
  readonly toVersion: string | null
  readonly wanted: boolean
  readonly takenBack: TakenBack | null
}

function judge(
  service: string,
  { containers, entries, stopped = [] }: Team,
  { toVersion, wanted, takenBack }: Asked,
  { plans, before }: { readonly plans: readonly PlanState[]; readonly before: Before },
): Judgement {
  const now = servingAs(service, containers)
  const say = (kind: 'problem' | 'stays', because: string): Judgement => {
    return { kind, because: `${service}: ${because}` }
  }
  if (now.length === 0) return say('problem', 'there is no such container on any host')
  const [first] = now
  const version = first ? imageVersion(first) : ''
  const takenSinceMs = takenBack?.since?.get(service) ?? null
  if (takenSinceMs !== null && cameMs(service, now, entries) < takenSinceMs) {
    return say('stays', `it runs ${version}, of before the trouble, already`)
  }
  if (
    toVersion === null &&
    takenSinceMs === null &&
    now.every(({ image }) => before.to.some((to) => sameImage(to, image)))
  ) {
    return say('stays', `this incident brought it back to ${version} already`)
  }
  if (!wanted) return say('stays', `it stays at ${version}, ${whyItStays(service, takenBack)}`)
  const choice = chooseRelease({
    service,
    now,
    entries,
    toVersion,
    takenSinceMs,
    abandoned: before.from,
  })
  if (choice.kind === 'none') return { kind: 'problem', because: choice.because }
  const obstacles = now.flatMap(({ name, host, obstacles: its }) =>
    its.map((why) => `${name} on ${host} cannot be made anew: ${why}`),
  )
  const left = now.flatMap((one) => whyLeft(one, containers, plans, stopped) ?? [])
  const problems = [...obstacles, ...left]
  if (problems.length > 0) return say('problem', problems.join('; '))
  const isStopped = stopped.includes(service)
  const ways = now.flatMap((container): readonly Way[] => {
    const to = choice.to.find(({ host }) => host === container.host)
    if (!to || sameImage(to.image, container.image)) return []
    const { restartPolicy } = halfWay(container, containers) ?? container
    const isOver = hasEnded(container, containers, before.ended)
    const hadEnded = isOver && !stoppedForAWhile(plans, container)
    const there = { ...container, name: placeNameOf(container), restartPolicy }
    return [{ container: there, to, because: choice.because, hadEnded, isStopped }]
  })
  return ways.length > 0
    ? { kind: 'ways', version: choice.version, ways }
    : say('stays', `it runs ${choice.version} already`)
}

function whyItStays(service: string, takenBack: TakenBack | null): string {
  return takenBack?.later.has(service)
    ? 'which came after the trouble began'
    : 'and is no part of this release'
}

/** What others need comes before them; in a circle, as they are named. */
function byDependency(ways: readonly Way[]): readonly Way[] {
  const depth = (service: string, above: readonly string[] = []): number => {
    const needs = ways.filter(({ container }) => container.service === service)
    const below = needs.flatMap(({ container }) => container.dependsOn)
    const known = below.filter((one) => !above.includes(one) && one !== service)
    return Math.max(0, ...known.map((one) => 1 + depth(one, [...above, service])))
  }
  return ways.toSorted((a, b) => depth(a.container.service) - depth(b.container.service))
}

/** Images that earlier plans of this incident led to, and that they led away from. */
type Before = {
  readonly to: readonly ImageId[]
  readonly from: readonly ImageId[]
  /** Ids of those that had ended before any of these plans. */
  readonly ended: readonly (string | null)[]
}

/** Ids of containers that had ended before the plans of this incident. */
export function endedBefore(plans: readonly PlanState[]): Before['ended'] {
  return ledBefore(plans).ended
}

/** Where only a variable was changed, no image was led to, nor away from. */
function ofImages(changes: readonly SwapChange[]): readonly SwapChange[] {
  return changes.filter(({ variable }) => variable === undefined)
}

function ledBefore(plans: readonly PlanState[]): Before {
  const rollbacks = plans.filter(({ request }) => rollsBackBy(request))
  const done = rollbacks
    .filter(({ run }) => run?.ended)
    .flatMap(writtenSteps)
    .flatMap(changesIn)
  const planned = rollbacks.flatMap(({ plan }) => plan?.steps ?? []).flatMap(changesIn)
  return {
    to: ofImages(done).map(({ to }) => to.image),
    from: ofImages(planned).map(({ from }) => from.image),
    ended: planned.flatMap(({ from, hadEnded }) => (hadEnded ? [from.id] : [])),
  }
}
