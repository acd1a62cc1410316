import { hasWritten } from '../../domain/plan/run.ts'
import type { Begun, TurnFacts } from '../../domain/plan/step-move.ts'
import type { BoundStep } from './step.ts'
import type { Turn } from './step-record.ts'

/** What the journal says of a step whose turn it is; whether the signatures hold is asked apart. */
export function turnFacts(
  { onAbort }: Pick<BoundStep, 'onAbort'>,
  { step, run }: Turn,
): Omit<TurnFacts, 'gate'> {
  return { started: step.kind === 'started', stopping: run.abort !== null, onAbort }
}

/** Whether it may write although the signatures do not hold any more: what has begun is finished. */
export function mayFinish(
  { run }: Turn,
  { begun, onlyMadeWay }: { readonly begun: Begun; readonly onlyMadeWay: boolean },
): boolean {
  return begun === true || (hasWritten(run) && !onlyMadeWay)
}
