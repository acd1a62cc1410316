import { cautionsOf } from '../parts/cautions.ts'
import { planned } from '../parts/plan-step.ts'
import { infeasible, type Procedure } from '../parts/procedure.ts'
import { releaseOf } from './release-of.ts'
import { suspensionPart } from '../parts/suspension.ts'
import { scaleWorkload } from './steps/scale-workload.ts'

/** No pod of the service is left; how many there were is remembered. */
export const scaleDown: Procedure<'scale-down'> = async ({ service }, circumstances) => {
  const found = await releaseOf(service, circumstances)
  if ('problem' in found) return infeasible(found.problem)
  const { release, target } = found
  const { name, uid, replicas: from } = release
  if (from === 0) return infeasible(`${service}: it is scaled to 0 already`)
  // An autoscaler of Kubernetes lets go at 0 by itself; these do not.
  const suspension = await suspensionPart(circumstances, name)
  return {
    kind: 'feasible',
    draft: {
      title: `${service} down to 0 pods`,
      steps: [...suspension.steps, planned(scaleWorkload, { service, name, uid, from, to: 0 })],
      changes: [
        ...suspension.changes,
        { what: service, from: `${from} pods`, to: 'no pod at all' },
      ],
      targets: [...suspension.targets, target],
      signatures: 2,
      because: 'asked for',
      lost: `Everything that ${service} does now, until it is scaled up again: requests fail.${suspension.lost}`,
      undo: `Yes: back to ${from} pods, as a plan with its own signatures.`,
      cautions: [...suspension.cautions, ...cautionsOf(release, suspension.told)],
    },
  }
}
