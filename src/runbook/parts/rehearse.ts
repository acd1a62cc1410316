import type { PlannedStep } from '../../domain/plan/plan.ts'
import type { Preparation } from '../../engine/run/runbook.ts'
import type { World } from '../../ports/world.ts'
import type { Step } from '../../engine/run/step.ts'
import { lookOnly } from './look-only.ts'

/** Asks every target whether it would accept the step now; nothing is changed by it. */
export async function rehearsed(
  steps: readonly PlannedStep[],
  world: World,
  signal: AbortSignal,
  stepOf: (id: string) => Step,
): Promise<Preparation> {
  const context = lookOnly(world, signal)
  const answers = await Promise.all(
    steps.map(({ id, input }) => stepOf(id).bind(input).rehearse(context)),
  )
  const refused = answers.filter(({ kind }) => kind === 'refused')
  const unknown = answers.filter(({ kind }) => kind === 'not-known')
  const said = (some: typeof answers) => some.map(({ says }) => says).join('; ')
  if (refused.length > 0) return { ok: false, says: `it would be refused: ${said(refused)}` }
  if (unknown.length > 0)
    return { ok: false, says: `not known whether it would work: ${said(unknown)}` }
  return {
    ok: true,
    says: said(answers.filter(({ kind }) => kind === 'accepted')) || 'nothing to rehearse',
  }
}
