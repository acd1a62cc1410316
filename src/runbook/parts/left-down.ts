import { writtenSteps } from '../../domain/plan/plan-state.ts'
import type { Circumstances } from '../procedure.ts'
import { neededNow } from './needed-now.ts'
import { joined, type Part } from './part.ts'
import { startIn, type Pause } from './pausing.ts'
import { setMaintenance } from './steps/set-maintenance.ts'

/**
 * What earlier plans of the incident have stopped for a while, and what is down still because somebody has stopped
 * these plans: it starts as it was before them. `givesBackAfter`: the step that everything waits for now.
 */
export async function leftDown(
  circumstances: Circumstances,
  { givesBackAfter }: { readonly givesBackAfter: string },
): Promise<Pick<Pause, 'start' | 'inTwo'>> {
  const { plans, stepOf } = circumstances
  const inverses = plans.flatMap((state) =>
    writtenSteps(state).flatMap(({ id, input, meanwhile, endsMeanwhile }) => {
      const takes = meanwhile !== undefined && endsMeanwhile === undefined
      if (!takes || id === setMaintenance.id) return []
      const { onUndo } = stepOf(id).bind(input)
      return onUndo?.kind === 'invert' ? [{ ...onUndo.step, endsMeanwhile: meanwhile }] : []
    }),
  )
  const needed = await neededNow(inverses, circumstances)
  const each = needed.map(({ id, input, endsMeanwhile }) => {
    const step = stepOf(id)
    const { changes } = step.bind(input)
    return startIn(step, input, { givesBackAfter, endsMeanwhile, changes })
  })
  const all = (partIn: (one: (typeof each)[number]) => Part) => joined(each.map(partIn))
  return {
    start: all(({ start }) => start),
    inTwo: { one: all(({ inTwo }) => inTwo.one), rest: all(({ inTwo }) => inTwo.rest) },
  }
}
