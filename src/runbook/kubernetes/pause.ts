import { cautionsOf } from '../parts/cautions.ts'
import { joined, partOf, type Part } from '../parts/part.ts'
import { NO_PAUSE, startIn, stoppedInWords, type Pausing } from '../parts/pausing.ts'
import { suspensionPart } from '../parts/suspension.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import type { Circumstances } from '../procedure.ts'
import { releaseOf } from './release-of.ts'
import { podsOf } from './scaling.ts'
import { scaleWorkloads, scalingsIn } from './steps/scale-workloads.ts'

/** Every Deployment of them to 0 pods at once, with what would scale it up again suspended; and back to its number. */
export const pauseDeployments: Pausing = async (services, circumstances, { givesBackAfter }) => {
  const here = services.filter((one) => circumstances.settings.kubernetes?.services.includes(one))
  const found = await Promise.all(here.map((service) => releaseOf(service, circumstances)))
  const problems = found.flatMap((one) => ('problem' in one ? [one.problem] : []))
  if (problems.length > 0) return { problem: problems.join('; ') }
  const running = found.flatMap((one) =>
    'problem' in one || one.release.replicas === 0 ? [] : [one],
  )
  if (running.length === 0) return NO_PAUSE
  const paused = await Promise.all(
    running.map(async ({ release, target }) => {
      const suspension = await suspensionPart(circumstances, release.name)
      return { release, target, suspension }
    }),
  )
  const suspended = told(joined(paused.map(({ suspension }) => suspension)), circumstances)
  const down = paused.map(({ release: { service, name, uid, replicas } }) => {
    return { service, name, uid, from: replicas, to: 0 }
  })
  const up = down.map(({ from, to, ...one }) => {
    return { ...one, from: to, to: halfStarted(one.uid, from, circumstances.plans) ?? from }
  })
  const meanwhile = stoppedInWords(down.map(({ service }) => service))
  const more = {
    targets: paused.map(({ target }) => target),
    cautions: paused.flatMap(({ release, suspension }) => cautionsOf(release, suspension.told)),
    changes: down.map(({ service, from }) => {
      return {
        what: service,
        from: podsOf(from),
        to: `stopped meanwhile, then ${podsOf(from)} again`,
      }
    }),
  }
  const resumed = resumedAfter(suspended, circumstances, givesBackAfter)
  const { start, inTwo } = startIn(
    scaleWorkloads,
    { workloads: up, again: true },
    { givesBackAfter, endsMeanwhile: meanwhile, changes: [] },
  )
  return {
    stop: joined([
      suspended,
      partOf(scaleWorkloads, { workloads: down, again: 'to stop' }, { meanwhile, ...more }),
    ]),
    start: joined([start, ...resumed]),
    inTwo: { one: inTwo.one, rest: joined([inTwo.rest, ...resumed]) },
  }
}

/** Each once, also where it keeps several of them. Whoever stops the plan then reads that it is suspended. */
function told(suspension: Part, { stepOf }: Circumstances): Part {
  const { steps: all } = suspension
  const once = all.filter(({ title }, at) => all.findIndex((one) => one.title === title) === at)
  const steps = once.map((step) => {
    return { ...step, meanwhile: `${stepOf(step.id).bind(step.input).subject} is suspended` }
  })
  return { ...suspension, steps, lost: [...new Set(suspension.lost)] }
}

function resumedAfter(
  suspension: Part,
  { stepOf }: Circumstances,
  givesBackAfter: string,
): readonly Part[] {
  return suspension.steps.flatMap(({ id, input, meanwhile: endsMeanwhile }) => {
    const { onUndo } = stepOf(id).bind(input)
    return onUndo?.kind === 'invert'
      ? [
          {
            ...partOf(stepOf(id), onUndo.step.input, { givesBackAfter, endsMeanwhile }),
            changes: [],
          },
        ]
      : []
  })
}

/**
 * How many pods there were before a plan that was stopped when it had started only one of them; `null`: it was not.
 */
function halfStarted(uid: string, now: number, plans: readonly PlanState[]): number | null {
  if (now !== 1) return null
  const scalings = plans.flatMap(writtenSteps).flatMap(scalingsIn)
  const last = scalings.findLast((one) => one.uid === uid)
  const stopped = scalings.findLast((one) => one.uid === uid && one.again === 'to stop')
  return last?.again === true && last.to === 1 && stopped ? stopped.from : null
}
