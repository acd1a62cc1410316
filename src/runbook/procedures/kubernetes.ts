import type { KeptRevision, Release } from '../../domain/release.ts'
import { cacheStep } from '../cache-step.ts'
import { chooseTarget } from '../choose-target.ts'
import { planned } from '../planned.ts'
import { infeasible, type Procedure } from '../procedure.ts'
import { cautionsOf } from '../cautions.ts'
import { proofStep } from '../proof-step.ts'
import { restoreRevisions } from '../steps/restore-revisions.ts'
import { versionsOf } from '../versions.ts'
import { workloadsOf } from '../needs.ts'

/** Every configured Deployment back to the revision that ran the target version, then the cache. */
export const kubernetes: Procedure<'kubernetes'> = async ({ toVersion }, circumstances) => {
  const { world, settings, signal } = circumstances
  if (!settings.kubernetes) return infeasible('no Deployments are configured')
  const { namespace, services } = settings.kubernetes
  const [releases, cache] = await Promise.all([
    workloadsOf(world).releases(services, signal),
    cacheStep(circumstances),
  ])
  const ways = services.map((service) => wayOf(service, releases, toVersion))
  const problems = ways.flatMap((way) => ('problem' in way ? [way.problem] : []))
  const found = ways.flatMap((way) => ('problem' in way ? [] : [way]))
  if (problems.length > 0) return infeasible(problems.join('; '))

  const changes = found.map(({ release: { service, name, uid }, from, to }) => {
    return { service, name, uid, from: idOf(from), to: idOf(to) }
  })
  const versions = [...new Set(found.map(({ to }) => versionsOf(to)))]
  return {
    kind: 'feasible',
    draft: {
      title: `${services.join(' and ')} back to ${versions.join(', ')}`,
      steps: [
        planned(restoreRevisions, { changes }),
        ...(cache ? [cache] : []),
        proofStep(
          settings,
          found.map(({ release, to }) => [release.service, versionsOf(to)]),
        ),
      ],
      changes: found.map(({ release: { service, replicas }, from, to }) => ({
        what: service,
        from: described(from),
        to: `${described(to)}, ${replicas} ${replicas === 1 ? 'pod' : 'pods'}`,
      })),
      targets: changes.map(({ name }) => `deployment ${namespace}/${name}`),
      signatures: 2,
      because: [...new Set(found.map(({ because }) => because))].join('; '),
      lost: cache
        ? 'Nothing is deleted but cache entries. Data written by the newer version stays.'
        : 'Nothing is deleted. Data written by the newer version stays.',
      undo: 'Yes: the same Deployments back to what runs now, as a plan with its own signatures.',
      cautions: [
        ...found.flatMap(({ release }) => cautionsOf(release)),
        'Only the pod template goes back: ConfigMaps, Secrets and the number of pods stay as they are.',
      ],
    },
  }
}

type Way =
  | { readonly problem: string }
  | {
      readonly release: Release
      readonly from: KeptRevision
      readonly to: KeptRevision
      readonly because: string
    }

function wayOf(service: string, releases: readonly Release[], toVersion: string | null): Way {
  const release = releases.find((one) => one.service === service)
  if (!release) return { problem: `${service}: there is no such deployment` }
  if (release.ownedBy)
    return { problem: `${service}: ${release.ownedBy} owns it and would write over it` }
  if (release.paused) return { problem: `${service}: its rollout is paused; resume it first` }
  const target = chooseTarget(release, toVersion)
  if (target.kind === 'none' || !release.current) return { problem: target.because }
  return { release, from: release.current, to: target.to, because: target.because }
}

function idOf({ uid, templateHash, number, images }: KeptRevision) {
  return { uid, templateHash, number, images: [...images] }
}

function described(revision: KeptRevision): string {
  return `${versionsOf(revision)} (revision ${revision.number}, ${revision.templateHash})`
}
