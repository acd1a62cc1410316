import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { World } from '../../ports/world.ts'
import type { BoundStep, StepContext } from './step.ts'
import { stepContext } from './step-context.ts'
import type { StepRecord } from './step-record.ts'

/** A look may take this long, then it is asked again. */
const LOOK_MS = 15_000

/** A step that is being carried on. */
export type Carried = {
  readonly step: BoundStep
  readonly world: World
  readonly record: StepRecord
  /** Ends with the step's deadline. */
  readonly inTime: AbortSignal
  /** Ends with the process. */
  readonly stopped: AbortSignal
  /** Nothing was written yet but what makes way for this step. */
  readonly onlyMadeWay: boolean
}

export function withLookDeadline({ inTime, stopped }: Carried): AbortSignal {
  return AbortSignal.any([inTime, stopped, AbortSignal.timeout(LOOK_MS)])
}

/** What the step looks with, and proves with. */
export function lookContext(carried: Carried, state: PlanState): StepContext {
  return contextOf(carried, state, withLookDeadline(carried))
}

/** What it writes with: that may take as long as the step. */
export function writeContext(carried: Carried, state: PlanState): StepContext {
  const { inTime, stopped } = carried
  return contextOf(carried, state, AbortSignal.any([inTime, stopped]))
}

function contextOf({ world, record }: Carried, state: PlanState, signal: AbortSignal): StepContext {
  return stepContext({ incident: record.incident, state, world, signal })
}
