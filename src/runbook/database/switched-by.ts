import { z } from 'zod'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { writtenSteps } from '../../domain/plan/plan-state.ts'
import { ExpirySet } from './switch-expiries.ts'
import { Switched } from './switch-positions.ts'

export const SwitchInput = z.looseObject({
  server: z.string(),
  collections: z.array(Switched),
  expiries: z.array(ExpirySet),
})

/** What the newest switch of the incident, or its undo, has set aside; `null`: there was none. */
export function newestSwitch(plans: readonly PlanState[]): z.infer<typeof SwitchInput> | null {
  for (const state of plans.toReversed()) {
    const step = writtenSteps(state).find(({ id }) => id === 'switch-collections')
    if (step) return SwitchInput.parse(step.input)
  }
  return null
}
