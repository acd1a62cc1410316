import { z } from 'zod'
import type { Incident } from './incident.ts'
import { OwnerName, OwnerSetting, ownerTarget } from './owner.ts'
import { stepMayHaveWritten } from './run.ts'

/** The step that suspends owners, and lets them go on again. Journaled: never rename. */
export const SUSPEND_OWNERS = 'suspend-owners'

const Change = OwnerName.extend({ uid: z.string(), from: OwnerSetting, to: OwnerSetting })

export const Suspension = z.object({
  suspend: z.boolean(),
  owners: z.array(Change).min(1),
})
export type Suspension = z.infer<typeof Suspension>

export type Suspended = Suspension['owners'][number] & {
  /** The plan that did it. */
  readonly plan: number
}

/** What this incident's plans have suspended, and none of them has let go on. Others may have. */
export function stillSuspended({ plans }: Incident): readonly Suspended[] {
  const left = new Map<string, Suspended>()
  for (const { number, plan, run } of plans) {
    for (const [index, { id, input }] of (plan?.steps ?? []).entries()) {
      const step = run?.steps[index]
      if (id !== SUSPEND_OWNERS || !step || !stepMayHaveWritten(step)) continue
      const { suspend, owners } = Suspension.parse(input)
      for (const owner of owners) {
        if (suspend) left.set(ownerTarget(owner), { ...owner, plan: number })
        else if (step.kind === 'succeeded') left.delete(ownerTarget(owner))
      }
    }
  }
  return [...left.values()]
}
