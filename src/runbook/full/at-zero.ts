import type { PlannedStep } from '../../domain/plan/plan.ts'
import { Suspension } from '../../domain/plan/suspension.ts'
import { ownerTarget } from '../../domain/plan/owner.ts'
import type { Part } from '../parts/part.ts'
import { suspendOwner } from '../parts/steps/suspend-owner.ts'
import { SwapInput } from '../docker/swap-change.ts'
import { RestoreInput } from '../kubernetes/steps/restore-revisions.ts'

/** The same return to earlier revisions, of services that are stopped: their pods are proved when they start. */
export function atZero(input: PlannedStep['input'], stopped: readonly string[]): RestoreInput {
  const { changes, ...rest } = RestoreInput.parse(input)
  const all = changes.map((change) => {
    return stopped.includes(change.service) ? { ...change, runs: false } : change
  })
  return { ...rest, changes: all }
}

/** The same swap of containers, of services that are stopped: what takes their place is started later. */
export function unstarted(input: PlannedStep['input'], stopped: readonly string[]): SwapInput {
  const { changes, ...rest } = SwapInput.parse(input)
  const all = changes.map((one) => {
    const { runs: _, ...change } = one
    return stopped.includes(change.service) ? { ...change, runs: false as const } : change
  })
  return { ...rest, changes: all }
}

/** Without what is suspended for the whole plan already, and stays so after it. */
export function without(part: Part, suspended: readonly PlannedStep[]): Part {
  const known = suspended.flatMap(ownersOf)
  const isKnown = (step: PlannedStep) => ownersOf(step).some((one) => known.includes(one))
  return { ...part, steps: part.steps.filter((step) => !isKnown(step)) }
}

function ownersOf({ id, input }: PlannedStep): readonly string[] {
  return id === suspendOwner.id ? [ownerTarget(Suspension.parse(input).owner)] : []
}
