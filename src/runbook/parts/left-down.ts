import { writtenSteps } from '../../domain/plan/plan-state.ts'
import type { Circumstances } from '../procedure.ts'
import { lookOnly } from './look-only.ts'
import { joined, NOTHING, partOf, type Part } from './part.ts'
import { setMaintenance } from './steps/set-maintenance.ts'

/**
 * What earlier plans of the incident have stopped for a while, and what is down still because somebody has stopped
 * these plans: it starts as it was before them. `givesBackAfter`: the step that everything waits for now.
 */
export async function leftDown(
  { plans, world, signal, stepOf }: Circumstances,
  { givesBackAfter }: { readonly givesBackAfter: string },
): Promise<Part> {
  const inverses = plans.flatMap((state) =>
    writtenSteps(state).flatMap(({ id, input, meanwhile, endsMeanwhile }) => {
      const takes = meanwhile !== undefined && endsMeanwhile === undefined
      if (!takes || id === setMaintenance.id) return []
      const { onUndo } = stepOf(id).bind(input)
      return onUndo?.kind === 'invert' ? [onUndo.step] : []
    }),
  )
  const needed = await Promise.all(
    inverses.map(async ({ id, input }) => {
      const found = await stepOf(id).bind(input).inspect(lookOnly(world, signal))
      return found.kind === 'needed' ? partOf(stepOf(id), input, { givesBackAfter }) : NOTHING
    }),
  )
  return joined(needed)
}
