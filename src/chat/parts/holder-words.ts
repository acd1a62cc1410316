import type { Incident } from '../../domain/incident/incident.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { clipped, mrk, trusted, type Mrkdwn } from '../text/text.ts'

type Holder = NonNullable<PlanState['heldBy']>

/** "plan 1 of incident 20261122-abcd", or "plan 1" of this very incident. */
export function holderInWords({ incident, plan }: Holder, here: Incident): string {
  if (plan === null) return `incident ${incident}`
  return incident === here.id ? `plan ${plan}` : `plan ${plan} of incident ${incident}`
}

/** " (Login is down)": what another incident, which is open, was declared as; nothing of this one. */
export function holderTitle(
  { incident }: Holder,
  here: Incident,
  open: readonly Incident[],
): Mrkdwn {
  const other = open.find(({ id }) => id === incident && id !== here.id)
  const title = other?.declared?.title
  return title ? mrk` (${clipped(title, 120)})` : trusted('')
}
