import { cautionsOf } from '../parts/cautions.ts'
import { joined, partOf, type Part } from '../parts/part.ts'
import type { Pausing } from '../parts/pausing.ts'
import { suspensionPart } from '../parts/suspension.ts'
import type { Circumstances } from '../procedure.ts'
import { releaseOf } from './release-of.ts'
import { scaleWorkload } from './steps/scale-workload.ts'

/** Every Deployment of them to 0 pods, with what would scale it up again suspended; and back to its number. */
export const pauseDeployments: Pausing = async (services, circumstances, { givesBackAfter }) => {
  const here = services.filter((one) => circumstances.settings.kubernetes?.services.includes(one))
  const found = await Promise.all(here.map((service) => releaseOf(service, circumstances)))
  const problems = found.flatMap((one) => ('problem' in one ? [one.problem] : []))
  if (problems.length > 0) return { problem: problems.join('; ') }
  const running = found.flatMap((one) =>
    'problem' in one || one.release.replicas === 0 ? [] : [one],
  )
  const paused = await Promise.all(
    running.map(async ({ release, target }) => {
      const { service, name, uid, replicas } = release
      const suspension = await suspensionPart(circumstances, name)
      const down = { service, name, uid, from: replicas, to: 0 }
      const up = { service, name, uid, from: 0, to: replicas, again: true }
      const pods = replicas === 1 ? '1 pod' : `${replicas} pods`
      const to = `stopped meanwhile, then ${pods} again`
      const changes = [{ what: service, from: pods, to }]
      const cautions = cautionsOf(release, suspension.told)
      return {
        stop: joined([
          suspension,
          partOf(scaleWorkload, down, { targets: [target], cautions, changes }),
        ]),
        start: joined([
          { ...partOf(scaleWorkload, up, { givesBackAfter }), changes: [] },
          ...resumedAfter(suspension, circumstances, givesBackAfter),
        ]),
      }
    }),
  )
  return {
    stop: joined(paused.map(({ stop }) => stop)),
    start: joined(paused.map(({ start }) => start)),
  }
}

function resumedAfter(
  suspension: Part,
  { stepOf }: Circumstances,
  givesBackAfter: string,
): readonly Part[] {
  return suspension.steps.flatMap(({ id, input }) => {
    const { onUndo } = stepOf(id).bind(input)
    return onUndo?.kind === 'invert'
      ? [{ ...partOf(stepOf(id), onUndo.step.input, { givesBackAfter }), changes: [] }]
      : []
  })
}
