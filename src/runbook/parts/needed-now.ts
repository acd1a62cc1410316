import type { PlannedStep } from '../../domain/plan/plan.ts'
import type { Circumstances } from '../procedure.ts'
import { lookOnly } from './look-only.ts'

/** Those of the steps that begin where the world stands now: the others are done, or another's. */
export async function neededNow(
  steps: readonly PlannedStep[],
  { world, signal, stepOf }: Circumstances,
): Promise<readonly PlannedStep[]> {
  const looked = await Promise.all(
    steps.map(async (step) => {
      const { kind } = await stepOf(step.id).bind(step.input).inspect(lookOnly(world, signal))
      return kind === 'needed' ? [step] : []
    }),
  )
  return looked.flat()
}
