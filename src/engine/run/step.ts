import type { z } from 'zod'
import { PlannedStep, type PlannedChange, type Versions } from '../../domain/plan/plan.ts'
import type { Applied, Progress, StepFacts } from '../../domain/plan/run.ts'
import type { Begun } from '../../domain/plan/step-move.ts'
import type { World } from '../../ports/world.ts'
import { plannedInTwo, type InTwo } from './in-two.ts'
import { NO_ADVICE, type OnUndo, type Undo, type UndoAdvice } from './on-undo.ts'
import type { Preparation } from './runbook.ts'
import { wholeInput } from './whole-input.ts'

/** What a step is carried out with. */
export type StepContext = {
  readonly world: World
  /** Ends when the step has to: its deadline, an abort, or the process (J9). */
  readonly signal: AbortSignal
  /** Left at the target, so that whoever looks later knows this run's writes. The same after a crash. */
  readonly key: string
  /** Who asked and who signed, in a line for the target's own history. */
  readonly cause: string
  /** After this moment nothing is sent any more: a signature ends then. Milliseconds since the epoch. */
  readonly sendBeforeMs: number
}

/** What a step writes with. */
export type WriteContext = StepContext & {
  /** How far it is, as often as it likes. */
  readonly report: (says: string, progress: Progress | null) => void
  /**
   * Ends when somebody stops the run, for a step that a stop interrupts. What it has begun it then takes back
   * while `signal` lasts, and says what it left.
   */
  readonly interrupted: AbortSignal
}

/** What stands in the world, held against what the plan says. */
export type Inspection<Seen, Input = never> =
  /** It stands as the plan found it, at least in part. */
  | {
      readonly kind: 'needed'
      readonly begun: Begun
      readonly seen: Seen
      /** What of the input is left to do, where that is less than all of it. */
      readonly remaining?: Input
    }
  /** It stands as it should. */
  | { readonly kind: 'done'; readonly begun: Begun; readonly says: string }
  /** Neither: somebody else changed it. */
  | { readonly kind: 'blocked'; readonly begun: Begun; readonly says: string }

export type Discovery = { readonly facts: StepFacts; readonly says: string }

export type Application =
  /** What it has found out is kept with its success, where the proof that follows at once holds: for later plans, and in words. */
  | { readonly kind: 'written'; readonly found?: Discovery }
  /** The target refused because it changed since it was looked at. */
  | { readonly kind: 'look-again' }
  | {
      readonly kind: 'refused'
      readonly applied: Applied
      readonly says: string
      /** With `no`: it did write, and has taken all of it back. */
      readonly takenBack?: true
      /** With `no`: it wrote to try what is there, and nothing else. */
      readonly onlyTried?: true
    }

export type Verification =
  | { readonly kind: 'verified'; readonly says: string }
  /** Not yet, and it may still become true. */
  | { readonly kind: 'not-yet'; readonly says: string; readonly progress?: Progress }
  | { readonly kind: 'failed'; readonly says: string }

/** What the target says to the write before it is made. */
export type Rehearsal =
  | { readonly kind: 'accepted' | 'refused' | 'not-known'; readonly says: string }
  /** There is nothing to ask it. */
  | { readonly kind: 'nothing-to-ask'; readonly says: string }

const Json = PlannedStep.shape.input
type Json = z.infer<typeof Json>

/**
 * A step looks, acts on exactly what it has seen, and proves. A fresh step and one that a crash cut
 * off run the same code. Every call may throw a `Fault`.
 */
export type StepDefinition<Input, Seen> = {
  /** Journaled: never rename. */
  readonly id: string
  readonly input: z.ZodType<Input>
  /** From its start to its proof, in milliseconds. */
  readonly deadlineMs: (input: Input) => number
  /** It only makes way for the steps after it: before they write, the signatures are asked for once more (J7). */
  readonly makesWay?: boolean
  /** A stop waits until what it has begun is proved, or ends the waiting at once; what that leaves is said. */
  readonly onAbort: 'finish' | 'interrupt'
  readonly whenStopped?: string
  /** What it leaves beside for a way back, in words that are the same for all that leave or remove it. */
  readonly keeps?: string
  /** It removes that, in the same words. */
  readonly removesKept?: string
  readonly onUndo: OnUndo<Input>
  readonly title: (input: Input) => string
  /** What it is about, for a sentence: "deployment shop/backend". */
  readonly subject?: (input: Input) => string
  /** What is different after it. */
  readonly changes?: (input: Input) => readonly PlannedChange[]
  /** What each service may tell as its version after it. */
  readonly versionsAfter?: (input: Input) => Versions
  readonly inspect: (context: StepContext, input: Input) => Promise<Inspection<Seen, Input>>
  readonly apply: (context: WriteContext, input: Input, seen: Seen) => Promise<Application>
  /** Asks the target whether it would accept the write; left out where it cannot be asked. */
  readonly rehearse?: (context: StepContext, input: Input, seen: Seen) => Promise<Rehearsal>
  /** In its place, where the answer is the same whatever stands there: without a look, which may take long. */
  readonly rehearseUnseen?: (context: StepContext, input: Input) => Promise<Rehearsal>
  /** Makes ready, while people decide, what the step will need. Changes nothing in production. */
  readonly prepare?: (
    context: StepContext,
    input: Input,
    report: (says: string, progress: Progress | null) => void,
  ) => Promise<Preparation>
  /** Asked again, every second or so, until it is not `not-yet` any more. */
  readonly verify: (context: StepContext, input: Input) => Promise<Verification>
  /** Left out, or `null`: it is not done in two. */
  readonly inTwo?: (input: Input) => InTwo<Input> | null
  /** Asked for what an undo makes of it: the inverse, or the same step again. */
  readonly adviseUndo?: (context: StepContext, input: Input, undo: Undo) => Promise<UndoAdvice>
}

/** A look, with what can be done about what was seen. */
export type BoundInspection =
  | {
      readonly kind: 'needed'
      readonly begun: Begun
      readonly apply: (context: WriteContext) => Promise<Application>
      /** The same step with only what is left to do. */
      readonly remaining: PlannedStep
    }
  | Exclude<Inspection<never>, { kind: 'needed' }>

/** A step with its input: the engine carries it out without knowing either. */
export type BoundStep = {
  readonly id: string
  readonly title: string
  readonly subject: string
  readonly deadlineMs: number
  readonly makesWay: boolean
  readonly onAbort: 'finish' | 'interrupt'
  readonly whenStopped: string | null
  readonly keeps: string | null
  readonly removesKept: string | null
  readonly changes: readonly PlannedChange[]
  readonly versionsAfter: Versions
  /** `null`: it is not done in two. */
  readonly inTwo: InTwo<Json> | null
  /** What an undo makes of it, and how; `null`: nothing. */
  readonly onUndo:
    | { readonly kind: 'invert' | 'repeat'; readonly step: PlannedStep }
    | { readonly kind: 'prove'; readonly stepFor: (versions: Versions) => PlannedStep }
    | null
  readonly inspect: (context: StepContext) => Promise<BoundInspection>
  readonly verify: (context: StepContext) => Promise<Verification>
  readonly rehearse: (context: StepContext) => Promise<Rehearsal>
  readonly prepare:
    | ((
        context: StepContext,
        report: (says: string, progress: Progress | null) => void,
      ) => Promise<Preparation>)
    | null
  readonly adviseUndo: (context: StepContext, undo: Undo) => Promise<UndoAdvice>
}

export type Step = {
  readonly id: string
  /** Throws when the input is not one of this step, or says more than it knows: another version wrote it (J3). */
  readonly bind: (input: unknown) => BoundStep
}

/** A step of any input as one type; what it has seen never leaves it. */
export function defineStep<Input, Seen>(step: StepDefinition<Input, Seen>): Step {
  const plannedWith = (input: Json): PlannedStep => {
    return { id: step.id, title: step.title(step.input.parse(input)), input }
  }

  function bind(unparsed: unknown): BoundStep {
    const input = wholeInput(step.input, unparsed)
    const { prepare } = step
    return {
      id: step.id,
      title: step.title(input),
      subject: step.subject?.(input) ?? step.title(input),
      deadlineMs: step.deadlineMs(input),
      makesWay: step.makesWay ?? false,
      onAbort: step.onAbort,
      whenStopped: step.whenStopped ?? null,
      keeps: step.keeps ?? null,
      removesKept: step.removesKept ?? null,
      changes: step.changes?.(input) ?? [],
      versionsAfter: step.versionsAfter?.(input) ?? {},
      inTwo: plannedInTwo(step.inTwo?.(input) ?? null),
      onUndo: undoneBy(input),
      async inspect(context) {
        const found = await step.inspect(context, input)
        if (found.kind !== 'needed') return found
        const { seen, begun, remaining = input } = found
        return {
          kind: 'needed',
          begun,
          apply: (now) => step.apply(now, input, seen),
          remaining: plannedWith(Json.parse(remaining)),
        }
      },
      verify: (context) => step.verify(context, input),
      rehearse: (context) => rehearse(context, input),
      prepare: prepare ? (context, report) => prepare(context, input, report) : null,
      adviseUndo: async (context, undo) =>
        (await step.adviseUndo?.(context, input, undo)) ?? NO_ADVICE,
    }
  }

  function undoneBy(input: Input): BoundStep['onUndo'] {
    const { onUndo } = step
    switch (onUndo.kind) {
      case 'invert':
        return { kind: 'invert', step: plannedWith(onUndo.input(input)) }
      case 'prove':
        return {
          kind: 'prove',
          stepFor: (versions) => plannedWith(onUndo.input(input, versions)),
        }
      case 'repeat':
        return { kind: 'repeat', step: plannedWith(Json.parse(input)) }
      case 'leave':
        return null
      default:
        return onUndo satisfies never
    }
  }

  async function rehearse(context: StepContext, input: Input): Promise<Rehearsal> {
    if (step.rehearseUnseen) return step.rehearseUnseen(context, input)
    if (!step.rehearse) return { kind: 'nothing-to-ask', says: '' }
    const found = await step.inspect(context, input)
    if (found.kind === 'done') return { kind: 'nothing-to-ask', says: found.says }
    if (found.kind === 'blocked') return { kind: 'refused', says: found.says }
    return step.rehearse(context, input, found.seen)
  }

  return { id: step.id, bind }
}
