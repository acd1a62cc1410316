import type { KeptRevision, Release, RevisionId } from '../../ports/deployment-state.ts'
import { cacheStep } from '../parts/clear-cache-part.ts'
import { chooseTarget, isOf } from './choose-target.ts'
import { planned } from '../parts/plan-step.ts'
import { infeasible, type Procedure } from '../parts/procedure.ts'
import { cautionsOf } from '../parts/cautions.ts'
import { proofStep } from '../parts/proof-step.ts'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import { changesIn, restoreRevisions } from './steps/restore-revisions.ts'
import { everyVersion, versionsOf } from '../../domain/workload/versions.ts'
import { workloadsOf } from '../parts/require-port.ts'
import { suspensionPart } from '../parts/suspension.ts'

/** Every configured Deployment back to the revision that ran the target version, then the cache. */
export const kubernetes: Procedure<'kubernetes'> = async ({ toVersion }, circumstances) => {
  const { world, settings, incident, signal } = circumstances
  if (!settings.kubernetes) return infeasible('no Deployments are configured')
  const { namespace, services } = settings.kubernetes
  const [releases, { step: cache, caution }, suspension] = await Promise.all([
    workloadsOf(world).releases(services, signal),
    cacheStep(circumstances),
    suspensionPart(circumstances),
  ])
  const before = ledBefore(incident)
  const ways = services.map((service) => wayOf(service, releases, toVersion, before))
  const problems = ways.flatMap((way) => (way.kind === 'problem' ? [way.because] : []))
  const found = ways.flatMap((way) => (way.kind === 'way' ? [way] : []))
  const there = ways.flatMap((way) => (way.kind === 'there' ? [way.because] : []))
  if (problems.length > 0) return infeasible(problems.join('; '))
  if (found.length === 0) return infeasible(there.join('; '))

  const changes = found.map(({ release: { service, name, uid, replicas }, from, to }) => {
    return { service, name, uid, from: idOf(from), to: idOf(to), runs: replicas > 0 }
  })
  const empty = found.filter(({ release }) => release.replicas === 0)
  const targets = [...new Set(found.map(({ to }) => versionsOf(to)))]
  const versions = Object.fromEntries(
    found.map(({ release, to }) => [release.service, [...everyVersion(to)]]),
  )
  return {
    kind: 'feasible',
    draft: {
      title:
        targets.length === 1
          ? `${found.map(({ release }) => release.service).join(' and ')} back to ${targets.join()}`
          : found
              .map(({ release, to }) => `${release.service} back to ${versionsOf(to)}`)
              .join(', '),
      steps: [
        ...suspension.steps,
        planned(restoreRevisions, { changes }),
        ...(cache ? [cache] : []),
        ...proofStep(settings, {
          versions: new Map(Object.entries(versions)),
          without: empty.map(({ release }) => release.service),
        }),
      ],
      changes: [
        ...suspension.changes,
        ...found.map(({ release: { service, replicas }, from, to }) => ({
          what: service,
          from: described(from),
          to: `${described(to)}, ${replicas} ${replicas === 1 ? 'pod' : 'pods'}`,
        })),
      ],
      targets: [
        ...suspension.targets,
        ...changes.map(({ name }) => `deployment ${namespace}/${name}`),
      ],
      versions,
      signatures: 2,
      because: [...new Set(found.map(({ because }) => because))].join('; '),
      lost: `Nothing is deleted${cache ? ' but cache entries' : ''}. Data written by the newer version stays.${suspension.lost}`,
      undo: 'Yes: the same Deployments back to what runs now, as a plan with its own signatures.',
      cautions: [
        ...(targets.length > 1 ? ['The services go back to different versions.'] : []),
        ...there,
        ...(caution ? [caution] : []),
        ...empty.map(({ release: { service } }) => {
          return `${service}: it is scaled to 0. It gets the version, and nothing of it runs until it is scaled up.`
        }),
        ...suspension.cautions,
        ...found.flatMap(({ release }) => cautionsOf(release, suspension.told)),
        'Only the pod template goes back: ConfigMaps, Secrets and the number of pods stay as they are.',
      ],
    },
  }
}

type Way =
  | { readonly kind: 'problem'; readonly because: string }
  /** It stands where it should: nothing is to be done about it. */
  | { readonly kind: 'there'; readonly because: string }
  | {
      readonly kind: 'way'
      readonly release: Release
      readonly from: KeptRevision
      readonly to: KeptRevision
      readonly because: string
    }

function wayOf(
  service: string,
  releases: readonly Release[],
  toVersion: string | null,
  before: Before,
): Way {
  function problem(because: string): Way {
    return { kind: 'problem', because: `${service}: ${because}` }
  }
  const release = releases.find((one) => one.service === service)
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
  const target = chooseTarget(release, toVersion, before.from)
  if (target.kind === 'none' || !current) {
    const gone = before.wanted.find((to) => to.service === service && !isKept(to, release))
    const because = gone
      ? `${service}: revision ${gone.number} (${versionsOf(gone)}) is not kept any more; `
      : ''
    return { kind: 'problem', because: `${because}${target.because}` }
  }
  return { kind: 'way', release, from: current, to: target.to, because: target.because }
}

function isKept({ uid }: RevisionId, { current, previous }: Release): boolean {
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
function ledBefore({ plans }: Incident): Before {
  const rollbacks = plans.filter(({ request }) => request.kind === 'kubernetes')
  const done = rollbacks.filter(({ run }) => run?.ended)
  return {
    to: new Set(
      done
        .flatMap(writtenSteps)
        .flatMap(changesIn)
        .map(({ to }) => to.templateHash),
    ),
    from: new Set(
      rollbacks
        .flatMap(stepsOf)
        .flatMap(changesIn)
        .map(({ from }) => from.templateHash),
    ),
    wanted: rollbacks
      .slice(-1)
      .flatMap(stepsOf)
      .flatMap(changesIn)
      .map(({ service, to }) => ({ ...to, service })),
  }
}

function stepsOf({ plan }: PlanState): readonly PlannedStep[] {
  return plan?.steps ?? []
}

function idOf({ uid, templateHash, number, images }: KeptRevision) {
  return { uid, templateHash, number, images: [...images] }
}

function described(revision: KeptRevision): string {
  return `${versionsOf(revision)} (revision ${revision.number}, ${revision.templateHash})`
}
