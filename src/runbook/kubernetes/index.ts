import { compared } from '../../domain/workload/compare-url.ts'
import { ownVersion } from '../../domain/workload/versions.ts'
import type { KeptRevision, Release } from '../../ports/deployment-state.ts'
import { cachePart } from '../parts/cache.ts'
import { cautionsOf } from '../parts/cautions.ts'
import { draftOf, NOTHING, partOf, type Part } from '../parts/part.ts'
import { proofPart } from '../parts/proof.ts'
import { deploymentsOf } from '../parts/require-port.ts'
import { suspensionPart, type SuspensionPart } from '../parts/suspension.ts'
import { infeasible, wayBack, type WayBack } from '../procedure.ts'
import { described, restoreRevisions } from './steps/restore-revisions.ts'
import type { PlannedChange } from '../../domain/plan/plan.ts'
import { within } from './pace.ts'
import { goneMeanwhile, movingTags, ONLY_TEMPLATES } from './release-cautions.ts'
import { templateDifferences } from './template-differences.ts'
import { judgeWays, type Way, type Ways } from './ways.ts'
import { withNeeds } from './with-needs.ts'

type Found = Ways<KeptRevision, Release>
type Beside = { readonly cache: Part; readonly suspension: SuspensionPart }

const NOT_CONFIGURED = infeasible('not configured')

/** Every configured Deployment back to the revision that ran the target version, then the cache. */
const deployments: WayBack<'kubernetes', Found, Beside> = {
  async glance({ world, settings, plans, signal, began }) {
    if (!settings.kubernetes || !world.workloads || !world.deployments) return NOT_CONFIGURED
    const { services, releaseWindowMs } = settings.kubernetes
    const running = await world.workloads.list(services, signal)
    const team = { services, running, releaseWindowMs, began }
    const ways = judgeWays(team, { toVersion: null }, plans)
    const judged = await withNeeds(ways, world.deployments, signal)
    const warnings = running.flatMap(({ service, managedBy }) =>
      managedBy.map((says) => `${service}: ${says}`),
    )
    return judged.kind === 'infeasible' ? judged : { ...judged, warnings }
  },

  async look(wish, { world, settings, plans, signal, began }) {
    if (!settings.kubernetes) return NOT_CONFIGURED
    const { services, releaseWindowMs } = settings.kubernetes
    const deployed = deploymentsOf(world)
    const running = await deployed.releases(services, signal)
    const team = { services, running, releaseWindowMs, began }
    const ways = judgeWays<KeptRevision, Release>(team, wish, plans)
    return withNeeds(ways, deployed, signal)
  },

  async beside(circumstances) {
    if (!circumstances.settings.kubernetes) return { cache: NOTHING, suspension: NO_SUSPENSION }
    const [cache, suspension] = await Promise.all([
      cachePart(circumstances),
      suspensionPart(circumstances),
    ])
    return { cache, suspension }
  },

  draft({ ways, stay, takesBack }, { cache, suspension }, { settings }) {
    const { namespace = '' } = settings.kubernetes ?? {}
    const targets = [...new Set(ways.map(({ to }) => ownVersion(to)))]
    const restored = partOf(
      restoreRevisions,
      {
        changes: ways.map(changeOf),
        locks: true,
        ...within(ways.map(({ release }) => release.pace)),
      },
      {
        changes: ways.map(({ release: { service, replicas, changed }, from, to }) => ({
          what: service,
          from: described(from),
          to: `${described(to)}, ${replicas} ${replicas === 1 ? 'pod' : 'pods'}`,
          images: { from: [...from.images], to: [...to.images] },
          ...detailsOf(from, to),
          ...(changed ? { takesBack: compared(changed, settings.services) } : {}),
        })),
        targets: ways.map(({ release: { name } }) => `deployment ${namespace}/${name}`),
      },
    )
    const without = ways.filter(({ release }) => release.replicas === 0)
    const proof = proofPart(settings, {
      versions: restored.versions,
      without: without.map(({ release }) => release.service),
    })
    const words = {
      title: titleOf(ways, targets),
      because: [...new Set(ways.map(({ because }) => because))].join('; '),
      lost: lostBy(cache, suspension),
      undo: undoneBy(suspension),
      cautions: [
        ...(takesBack ? [takesBack.says] : []),
        ...(targets.length > 1 ? ['The services go back to different versions.'] : []),
        ...stay,
        ...cache.cautions,
        ...without.map(({ release: { service } }) => {
          return nothingRuns(service)
        }),
        ...suspension.cautions,
        ...ways.flatMap(({ release }) => cautionsOf(release, suspension.told)),
        ...ways.flatMap(({ release, from, to }) => [
          ...goneMeanwhile(release),
          ...movingTags(release.service, from, to),
        ]),
        ONLY_TEMPLATES,
      ],
    }
    return draftOf('kubernetes', words, [suspension, restored, cache, proof], settings)
  },
}

export const kubernetes = wayBack(deployments)

/** What is to be known of one that is scaled to 0, unless the plan itself scales it up. */
export function nothingRuns(service: string): string {
  return `${service}: it is scaled to 0. It gets the version, and nothing of it runs until it is scaled up.`
}

const NO_SUSPENSION: SuspensionPart = { ...NOTHING, told: [] }

function changeOf({
  release: { service, name, uid, replicas },
  from,
  to,
}: Way<KeptRevision, Release>) {
  return { service, name, uid, from: idOf(from), to: idOf(to), runs: replicas > 0 }
}

function titleOf(ways: readonly Way<KeptRevision, Release>[], targets: readonly string[]): string {
  const sameVersion = ways.some(({ from, to }) => ownVersion(from) === ownVersion(to))
  return targets.length === 1 && !sameVersion
    ? `${ways.map(({ release }) => release.service).join(' and ')} back to ${targets.join()}`
    : ways.map((way) => `${way.release.service} back to ${targetOf(way)}`).join(', ')
}

/** With its number where the version alone would not tell it from what runs. */
function targetOf({ from, to }: Way<KeptRevision, Release>): string {
  const version = ownVersion(to)
  return version === ownVersion(from) ? `revision ${to.number} of ${version}` : version
}

/** What else is different, where it is more than the service's own image. */
function detailsOf(from: KeptRevision, to: KeptRevision): Pick<PlannedChange, 'details'> {
  const known = `: image ${ownVersion(from)} → ${ownVersion(to)}`
  const details = templateDifferences(from.template, to.template).filter((one) => {
    return !one.endsWith(known)
  })
  return details.length > 0 ? { details } : {}
}

function undoneBy({ steps }: Part): string {
  const owners = steps.length > 0 ? ', and what is suspended works by itself again' : ''
  return `Yes: the same Deployments back to what runs now${owners}, as a plan with its own signatures.`
}

function lostBy(cache: Part, suspension: Part): string {
  const but = cache.steps.length > 0 ? ' but cache entries' : ''
  const kept = `Nothing is deleted${but}. Data written by the newer version stays.`
  return [kept, ...suspension.lost].join(' ')
}

function idOf({ uid, templateHash, number, images, sha256 }: KeptRevision) {
  return { uid, templateHash, number, images: [...images], sha256 }
}
