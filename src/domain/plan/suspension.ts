import { z } from 'zod'
import { toMs } from '../base/instant.ts'
import type { Incident } from '../incident/incident.ts'
import { OwnerName, OwnerSetting, ownerTarget } from './owner.ts'
import { stepMayHaveWritten } from './run.ts'

/** The step that suspends an owner, and lets it go on again. Journaled: never rename. */
export const SUSPEND_OWNER = 'suspend-owner'

/** One owner from one setting to another. */
export const Suspension = z.object({
  suspend: z.boolean(),
  owner: OwnerName,
  uid: z.string(),
  from: OwnerSetting,
  to: OwnerSetting,
})
export type Suspension = z.infer<typeof Suspension>

export type Suspended = Suspension & {
  /** The plan that did it. */
  readonly plan: number
  /** `false`: it is not known whether it took effect. */
  readonly certain: boolean
}

/**
 * What this incident's plans have suspended, and none of them has let go on, as far as is known: what was
 * seen to work by itself since then is not.
 */
export function stillSuspended({
  plans,
  resumedElsewhere = {},
}: Pick<Incident, 'plans'> & Partial<Pick<Incident, 'resumedElsewhere'>>): readonly Suspended[] {
  const left = new Map<string, Suspended>()
  for (const { number, plan, run } of plans) {
    for (const [index, { id, input }] of (plan?.steps ?? []).entries()) {
      const step = run?.steps[index]
      if (id !== SUSPEND_OWNER || !step) continue
      const suspension = Suspension.parse(input)
      const target = ownerTarget(suspension.owner)
      const certain = step.kind === 'succeeded'
      if (!suspension.suspend && certain) left.delete(target)
      const seen = resumedElsewhere[target]
      const before = seen !== undefined && 'at' in step && toMs(step.at) < toMs(seen)
      if (suspension.suspend && stepMayHaveWritten(step) && !before) {
        left.set(target, { ...suspension, plan: number, certain })
      }
    }
  }
  return [...left.values()]
}
