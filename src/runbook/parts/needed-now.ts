import type { PlannedStep } from '../../domain/plan/plan.ts'
import type { Circumstances } from '../procedure.ts'
import { lookOnly } from './look-only.ts'

/** What is left to do of those steps that begin where the world stands now: the others are done, or another's. */
export async function neededNow(
  steps: readonly PlannedStep[],
  { world, signal, stepOf }: Circumstances,
): Promise<readonly PlannedStep[]> {
  const looked = await Promise.all(
    steps.map(async (step) => {
      const found = await stepOf(step.id).bind(step.input).inspect(lookOnly(world, signal))
      return found.kind === 'needed' ? [{ ...step, ...found.remaining }] : []
    }),
  )
  return looked.flat()
}
