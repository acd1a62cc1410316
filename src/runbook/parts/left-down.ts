import { writtenSteps } from '../../domain/plan/plan-state.ts'
import type { Circumstances } from '../procedure.ts'
import { neededNow } from './needed-now.ts'
import { joined, partOf, type Part } from './part.ts'
import { setMaintenance } from './steps/set-maintenance.ts'

/**
 * What earlier plans of the incident have stopped for a while, and what is down still because somebody has stopped
 * these plans: it starts as it was before them. `givesBackAfter`: the step that everything waits for now.
 */
export async function leftDown(
  circumstances: Circumstances,
  { givesBackAfter }: { readonly givesBackAfter: string },
): Promise<Part> {
  const { plans, stepOf } = circumstances
  const inverses = plans.flatMap((state) =>
    writtenSteps(state).flatMap(({ id, input, meanwhile, endsMeanwhile }) => {
      const takes = meanwhile !== undefined && endsMeanwhile === undefined
      if (!takes || id === setMaintenance.id) return []
      const { onUndo } = stepOf(id).bind(input)
      return onUndo?.kind === 'invert' ? [onUndo.step] : []
    }),
  )
  const needed = await neededNow(inverses, circumstances)
  return joined(needed.map(({ id, input }) => partOf(stepOf(id), input, { givesBackAfter })))
}
