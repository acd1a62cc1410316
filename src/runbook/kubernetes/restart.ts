import { ownVersion } from '../../domain/workload/versions.ts'
import { goneMeanwhile } from './release-cautions.ts'
import { cautionsOf } from '../parts/cautions.ts'
import { draftOf, partOf, type Part } from '../parts/part.ts'
import type { Renewing } from '../parts/renewing.ts'
import { infeasible, type Action, type Circumstances } from '../procedure.ts'
import { within } from './pace.ts'
import { releaseOf } from './release-of.ts'
import { restartWorkload } from './steps/restart-workload.ts'

/** New pods of the same version, a few at a time. */
export const restart: Action<'restart'> = async ({ service }, circumstances) => {
  const part = await restarted(service, circumstances)
  if ('problem' in part) return infeasible(part.problem)
  const words = {
    title: `restart ${service}`,
    because: 'asked for',
    lost: 'What the pods hold in memory only, and their logs (kept as evidence first).',
    undo: 'There is nothing to undo: the version stays the same.',
    cautions: [...part.cautions],
  }
  return { kind: 'feasible', draft: draftOf('restart', words, [part], circumstances.settings) }
}

/** All of its pods: there is no right to end one alone, and this one is there. */
export const renewPods: Renewing = async (service, _, circumstances) => {
  const part = await restarted(service, circumstances)
  if ('problem' in part) return part
  const all = `All pods of ${service} are replaced, a few at a time: Backout has no right to end one of them alone.`
  return { ...part, cautions: [all, ...part.cautions] }
}

async function restarted(
  service: string,
  circumstances: Circumstances,
): Promise<{ readonly problem: string } | Part> {
  const found = await releaseOf(service, circumstances)
  if ('problem' in found) return found
  const { release, target } = found
  const { name, uid, replicas, current, paused } = release
  if (paused) return { problem: `${service}: its rollout is paused; resume it first` }
  if (replicas === 0) {
    return { problem: `${service}: it is scaled to 0, so that nothing restarts` }
  }
  const { templateHash } = current
  const version = ownVersion(current)
  return partOf(
    restartWorkload,
    { service, name, uid, templateHash, ...within([release.pace]) },
    {
      changes: [
        {
          what: service,
          from: `${replicas} pods of ${version}`,
          to: `${replicas} new pods of ${version}`,
        },
      ],
      targets: [target],
      cautions: [...goneMeanwhile(release), ...cautionsOf(release)],
    },
  )
}
