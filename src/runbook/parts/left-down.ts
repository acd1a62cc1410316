import type { PlannedStep } from '../../domain/plan/plan.ts'
import { writtenSteps } from '../../domain/plan/plan-state.ts'
import type { Circumstances } from '../procedure.ts'
import { neededNow } from './needed-now.ts'
import { joined, NOTHING, partOf, type Part } from './part.ts'
import { startIn, type Pause } from './pausing.ts'
import { setMaintenance } from './steps/set-maintenance.ts'

/**
 * What earlier plans of the incident have stopped for a while, and what is down still because somebody has stopped
 * these plans: it starts as it was before them. `givesBackAfter`: the step that everything waits for now.
 */
export async function leftDown(
  circumstances: Circumstances,
  { givesBackAfter }: { readonly givesBackAfter: string },
): Promise<Started> {
  const { plans, stepOf } = circumstances
  const inverses = plans.flatMap((state) =>
    writtenSteps(state).flatMap(({ id, input, meanwhile, endsMeanwhile }) => {
      const takes = meanwhile !== undefined && endsMeanwhile === undefined
      if (!takes || id === setMaintenance.id) return []
      const { onUndo } = stepOf(id).bind(input)
      return onUndo?.kind === 'invert' ? [{ ...onUndo.step, endsMeanwhile: meanwhile }] : []
    }),
  )
  const started = await Promise.all(
    inverses.map((inverse) => startedNow(inverse, circumstances, givesBackAfter)),
  )
  const each = started.flat()
  const all = (partIn: (one: (typeof each)[number]) => Part) => joined(each.map(partIn))
  return {
    start: all(({ start }) => start),
    inTwo: { one: all(({ inTwo }) => inTwo.one), rest: all(({ inTwo }) => inTwo.rest) },
  }
}

type Started = Pick<Pause, 'start' | 'inTwo'>

/** What of it is down still. One of each may be up by a plan that went no further: then only the others are left. */
async function startedNow(
  inverse: PlannedStep,
  circumstances: Circumstances,
  givesBackAfter: string,
): Promise<readonly Started[]> {
  const { id, input, endsMeanwhile } = inverse
  const [needed] = await neededNow([inverse], circumstances)
  if (!needed) return []
  const step = circumstances.stepOf(id)
  const { changes } = step.bind(needed.input)
  const around = { givesBackAfter, endsMeanwhile, changes }
  const whole = startIn(step, needed.input, around)
  const halves = step.bind(input).inTwo
  if (!halves) return [whole]
  const { meanwhile, rest } = halves
  const [one] = await neededNow([{ ...inverse, input: halves.one }], circumstances)
  if (!one) return [{ ...whole, inTwo: { one: NOTHING, rest: whole.start } }]
  const others = partOf(step, rest, { givesBackAfter, endsMeanwhile: meanwhile, changes: [] })
  const first = partOf(step, one.input, { ...around, meanwhile })
  return [{ ...whole, inTwo: { one: first, rest: others } }]
}
