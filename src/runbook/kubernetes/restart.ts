import { cautionsOf } from '../parts/cautions.ts'
import { planned } from '../parts/plan-step.ts'
import { infeasible, type Procedure } from '../parts/procedure.ts'
import { releaseOf } from './release-of.ts'
import { restartWorkload } from './steps/restart-workload.ts'
import { versionsOf } from '../../domain/workload/versions.ts'

/** New pods of the same version, a few at a time. */
export const restart: Procedure<'restart'> = async ({ service }, circumstances) => {
  const found = await releaseOf(service, circumstances)
  if ('problem' in found) return infeasible(found.problem)
  const { release, target } = found
  const { name, uid, replicas, current, paused } = release
  if (paused) return infeasible(`${service}: its rollout is paused; resume it first`)
  if (replicas === 0) return infeasible(`${service}: it is scaled to 0, so that nothing restarts`)
  const { templateHash } = current
  return {
    kind: 'feasible',
    draft: {
      title: `restart ${service}`,
      steps: [planned(restartWorkload, { service, name, uid, templateHash })],
      changes: [
        {
          what: service,
          from: `${replicas} pods of ${versionsOf(current)}`,
          to: `${replicas} new pods of ${versionsOf(current)}`,
        },
      ],
      targets: [target],
      signatures: 2,
      because: 'asked for',
      lost: 'What the pods hold in memory only, and their logs (kept as evidence first).',
      undo: 'There is nothing to undo: the version stays the same.',
      cautions: cautionsOf(release),
    },
  }
}
