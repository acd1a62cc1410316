import { toIso, toMs } from '../../domain/base/instant.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import type { TroubleBegan } from '../../domain/assessment/onset.ts'
import type { TakesBack } from '../../domain/plan/feasibility.ts'
import type { RequestOf } from '../../domain/plan/plan-request.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { NewestChange } from '../../domain/workload/newest-change.ts'
import { historyOf } from '../../domain/workload/history.ts'
import { saidOf, takenBackBy, type TakenBack } from '../../domain/workload/taken-back.ts'
import { includesImages, isOfVersion, ownVersion } from '../../domain/workload/versions.ts'
import type { Revision } from '../../domain/workload/workload.ts'
import type { RevisionId } from '../../ports/deployment-state.ts'
import { infeasible, type Judged } from '../procedure.ts'
import { chooseTarget } from './choose-target.ts'
import { ledBefore, type Before } from './led-before.ts'
import { newestRelease, releasedMs } from './release-extent.ts'
import { NO_SUCH_DEPLOYMENT } from './no-such-deployment.ts'

/** One service as it is judged: as an assessment lists it, or as a plan looks at it. */
export type Running<Kept extends Revision> = {
  readonly service: string
  readonly paused: boolean
  readonly ownedBy: string | null
  readonly servedBy: string | null
  readonly templateIsOurs: boolean
  readonly current: Kept | null
  readonly previous: readonly Kept[]
  readonly changed: NewestChange | null
}

export type Way<Kept extends Revision, Service extends Running<Kept>> = {
  readonly release: Service
  readonly from: Kept
  readonly to: Kept
  readonly because: string
}

export type Ways<Kept extends Revision, Service extends Running<Kept>> = {
  readonly ways: readonly Way<Kept, Service>[]
  /** Those that stay as they are, and why, each in a sentence. */
  readonly stay: readonly string[]
  readonly takesBack?: TakesBack | null
}

/** What a person chose of it: a version, one service, or every service. */
export type Wish = Omit<RequestOf<'kubernetes'>, 'kind'>

type Judgement<Kept extends Revision, Service extends Running<Kept>> =
  /** `problem`: it cannot go back. `there`: it stands where it should. `apart`: it is no part of the release. */
  | { readonly kind: 'problem' | 'there' | 'apart'; readonly because: string }
  | ({ readonly kind: 'way' } & Way<Kept, Service>)

type Team<Kept extends Revision, Service extends Running<Kept>> = {
  readonly services: readonly string[]
  readonly running: readonly Service[]
  /** Templates that came within so long of each other are one release. */
  readonly releaseWindowMs: number
  /** When the trouble began; `null`: that is not known. Left out: none was measured. */
  readonly began?: TroubleBegan | null
}

/**
 * Where every service would go back to. Pure: what an assessment offers and what a plan proposes are
 * this one judgement, with the incident's earlier plans taken into account. A service without a way back
 * holds up no other.
 */
export function judgeWays<Kept extends Revision, Service extends Running<Kept>>(
  team: Team<Kept, Service>,
  wish: Wish,
  plans: readonly PlanState[],
): Judged<Ways<Kept, Service>> {
  const { service: only, toVersion } = wish
  if (only !== undefined && !team.services.includes(only)) {
    return infeasible(`${only}: no Deployment is configured for it`)
  }
  const before = ledBefore(plans)
  const takenBack = toVersion === null ? takenBackIn(team) : null
  const release = takenBack?.since ? new Set(takenBack.since.keys()) : releaseOf(team, before)
  const judged = (only === undefined ? team.services : [only]).map((service) => {
    const together = release.has(service)
    const wanted = together || only !== undefined || wish.all === true || toVersion !== null
    const asked = { toVersion, wanted, together, takenBack }
    return judge<Kept, Service>(service, team.running, asked, before)
  })
  const of = (...kinds: readonly string[]) =>
    judged.flatMap((one) => (one.kind !== 'way' && kinds.includes(one.kind) ? [one.because] : []))
  const ways = judged.flatMap((one) => (one.kind === 'way' ? [one] : []))
  const stay = of('there', 'apart')
  const takesBack = saidOf(takenBack)
  return judgedWays({ ways, problems: of('problem'), stay, takesBack })
}

function takenBackIn<Kept extends Revision, Service extends Running<Kept>>({
  running,
  releaseWindowMs,
  began,
}: Team<Kept, Service>): TakenBack | null {
  return began === undefined ? null : takenBackBy(began, running.map(historyOf), releaseWindowMs)
}

/** `problems`: why some have no way back. `stay`: why some need none. */
export function judgedWays<Kept extends Revision, Service extends Running<Kept>>({
  ways,
  problems,
  stay,
  takesBack = null,
}: Ways<Kept, Service> & { readonly problems: readonly string[] }): Judged<Ways<Kept, Service>> {
  if (ways.length === 0) return infeasible((problems.length > 0 ? problems : stay).join('; '))
  return {
    kind: 'feasible',
    to: [...new Set(ways.map(({ to }) => ownVersion(to)))].join(', '),
    because: ways
      .map(({ release: { service }, to }) => {
        return `${service} to ${ownVersion(to)}, revision ${to.number}`
      })
      .join('; '),
    warnings: [],
    takesBack,
    found: {
      ways,
      takesBack,
      stay: [
        ...problems.map((because) => `Not rolled back: ${because}.`),
        ...stay.map((one) => (one.endsWith('.') ? one : `${one}.`)),
      ],
    },
  }
}

/** The services whose templates came together; what this incident brought back is another matter. */
function releaseOf<Kept extends Revision, Service extends Running<Kept>>(
  { running, releaseWindowMs }: Team<Kept, Service>,
  before: Before,
): ReadonlySet<string> {
  const others = running.filter(({ current }) => !before.to.has(current?.templateHash ?? ''))
  return newestRelease(
    others.map((one) => withoutOurVariable(one, before)),
    releaseWindowMs,
  )
}

/** A flag that this incident switched made a new template, and no new release. */
function withoutOurVariable<Kept extends Revision>(
  running: Running<Kept>,
  { switched }: Before,
): Pick<Running<Kept>, 'service' | 'current' | 'previous' | 'changed'> {
  const { service, current, previous, templateIsOurs } = running
  const of = switched.filter((one) => one.service === service)
  const isOurs =
    templateIsOurs && of.every(({ templateHash }) => templateHash !== current?.templateHash)
  const at = previous.findIndex(({ templateHash }) =>
    of.some((one) => one.templateHash === templateHash),
  )
  const released = previous[at]
  if (!isOurs || !released) return running
  return { service, current: released, previous: previous.slice(at + 1), changed: null }
}

type Asked = {
  readonly toVersion: string | null
  /** It goes back if it can. */
  readonly wanted: boolean
  /** It was changed by the release that is taken back. */
  readonly together: boolean
  /** `null`: a person named a version, or no trouble was measured. */
  readonly takenBack: TakenBack | null
}

function judge<Kept extends Revision, Service extends Running<Kept>>(
  service: string,
  running: readonly Service[],
  { toVersion, wanted, together, takenBack }: Asked,
  before: Before,
): Judgement<Kept, Service> {
  const say = (kind: 'problem' | 'there' | 'apart', because: string) =>
    ({ kind, because: `${service}: ${because}` }) as const
  const release = running.find((one) => one.service === service)
  if (!release) return say('problem', NO_SUCH_DEPLOYMENT)
  const { current, ownedBy, servedBy, paused } = release
  if (ownedBy) return say('problem', `${ownedBy} owns it and would write over it`)
  if (servedBy) return say('problem', `it serves nobody: ${servedBy} does; roll back there`)
  if (paused) return say('problem', 'its rollout is paused; resume it first')
  // Only what the release has changed can be of the wanted version, and not as it was.
  if (current && toVersion !== null && isOfVersion(current, toVersion) && !together) {
    return say('there', `it runs ${toVersion} already`)
  }
  const sinceMs = takenBack?.since?.get(service) ?? null
  if (current && sinceMs !== null && toMs(current.createdAt) < sinceMs) {
    return say('there', `it runs ${ownVersion(current)}, of before the trouble, already`)
  }
  const isCause = sinceMs !== null
  if (current && !isCause && toVersion === null && wasBroughtBack(release, current, before)) {
    return say('there', `this incident brought it back to ${ownVersion(current)} already`)
  }
  if (!wanted && current) {
    return say('apart', staysAs(release, current, takenBack?.later.has(service) ?? false))
  }
  const target = chooseTarget<Kept>(release, toVersion, before.from, sinceMs)
  if (target.kind === 'found' && current) {
    return { kind: 'way', release, from: current, to: target.to, because: target.because }
  }
  const planned = before.wanted.findLast((to) => to.service === service)
  const because =
    planned && !isKept(planned, release)
      ? `${service}: revision ${planned.number} (${ownVersion(planned)}) is not kept any more; `
      : ''
  const there = current && toVersion !== null && isOfVersion(current, toVersion)
  return { kind: there ? 'there' : 'problem', because: `${because}${target.because}` }
}

/** Also as admission has made it: nobody but this bot has written it since. */
function wasBroughtBack(
  { service, templateIsOurs }: Running<Revision>,
  current: Revision,
  { to, done }: Before,
): boolean {
  const ours = done.some((one) => one.service === service && includesImages(current, one.to))
  return to.has(current.templateHash) || (templateIsOurs && ours)
}

/** Since when it runs what it runs, so that everybody sees why it is left alone. */
function staysAs(release: Running<Revision>, current: Revision, cameLater: boolean): string {
  const ms = releasedMs(release)
  const since = ms === null ? '' : `, released ${utcDayAndTime(toIso(ms))}`
  const why = cameLater ? 'which came after the trouble began' : 'and is no part of this release'
  return `it stays at ${ownVersion(current)}${since}, ${why}`
}

function isKept({ uid }: RevisionId, { current, previous }: Running<Revision>): boolean {
  return [current, ...previous].some((one) => one?.uid === uid)
}
