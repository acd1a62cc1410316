import { cautionsOf } from '../parts/cautions.ts'
import { draftOf, partOf } from '../parts/part.ts'
import { suspensionPart } from '../parts/suspension.ts'
import { infeasible, type Action } from '../procedure.ts'
import { releaseOf } from './release-of.ts'
import { scaleWorkload } from './steps/scale-workload.ts'

/** No pod of the service is left; how many there were is remembered. */
export const scaleDown: Action<'scale-down'> = async ({ service }, circumstances) => {
  const found = await releaseOf(service, circumstances)
  if ('problem' in found) return infeasible(found.problem)
  const { release, target } = found
  const { name, uid, replicas: from } = release
  if (from === 0) return infeasible(`${service}: it is scaled to 0 already`)
  // An autoscaler of Kubernetes lets go at 0 by itself; these do not.
  const suspension = await suspensionPart(circumstances, name)
  const scaled = partOf(scaleWorkload, { service, name, uid, from, to: 0 }, { targets: [target] })
  const all = `Everything that ${service} does now, until it is scaled up again: requests fail.`
  const words = {
    title: `${service} down to 0 pods`,
    because: 'asked for',
    lost: [all, ...suspension.lost].join(' '),
    undo: `Yes: back to ${from} pods, as a plan with its own signatures.`,
    cautions: [...suspension.cautions, ...cautionsOf(release, suspension.told)],
  }
  const { settings } = circumstances
  return {
    kind: 'feasible',
    draft: draftOf('scale-down', words, [suspension, scaled], settings),
  }
}
