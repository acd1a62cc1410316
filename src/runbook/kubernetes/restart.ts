import { ownVersion } from '../../domain/workload/versions.ts'
import { goneMeanwhile } from './release-cautions.ts'
import { cautionsOf } from '../parts/cautions.ts'
import { draftOf, partOf } from '../parts/part.ts'
import { infeasible, type Action } from '../procedure.ts'
import { within } from './pace.ts'
import { releaseOf } from './release-of.ts'
import { restartWorkload } from './steps/restart-workload.ts'

/** New pods of the same version, a few at a time. */
export const restart: Action<'restart'> = async ({ service }, circumstances) => {
  const found = await releaseOf(service, circumstances)
  if ('problem' in found) return infeasible(found.problem)
  const { release, target } = found
  const { name, uid, replicas, current, paused } = release
  if (paused) return infeasible(`${service}: its rollout is paused; resume it first`)
  if (replicas === 0) return infeasible(`${service}: it is scaled to 0, so that nothing restarts`)
  const { templateHash } = current
  const version = ownVersion(current)
  const part = partOf(
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
    },
  )
  const words = {
    title: `restart ${service}`,
    because: 'asked for',
    lost: 'What the pods hold in memory only, and their logs (kept as evidence first).',
    undo: 'There is nothing to undo: the version stays the same.',
    cautions: [...goneMeanwhile(release), ...cautionsOf(release)],
  }
  return { kind: 'feasible', draft: draftOf('restart', words, [part], circumstances.settings) }
}
