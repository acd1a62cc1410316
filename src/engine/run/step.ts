import { z } from 'zod'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import type { Applied } from '../../domain/plan/run.ts'
import type { World } from '../../ports/world.ts'

/** What a step is carried out with. */
export type StepContext = {
  readonly world: World
  /** Ends when the step has to: its deadline, an abort, or the process (J9). */
  readonly signal: AbortSignal
  /** Left at the target, so that whoever looks later knows this run's writes. The same after a crash. */
  readonly key: string
  /** Who asked and who signed, in a line for the target's own history. */
  readonly cause: string
}

/**
 * Whether a part of what stands there is this run's own doing. `no-mark`: the target keeps no mark
 * of who wrote, so that only the journal knows that it was tried.
 */
export type Begun = boolean | 'no-mark'

/** What stands in the world, held against what the plan says. */
export type Inspection<Seen> =
  /** It stands as the plan found it, at least in part. */
  | { readonly kind: 'needed'; readonly begun: Begun; readonly seen: Seen }
  /** It stands as it should. */
  | { readonly kind: 'done'; readonly begun: Begun; readonly says: string }
  /** Neither: somebody else changed it. */
  | { readonly kind: 'blocked'; readonly begun: Begun; readonly says: string }

export type Application =
  | { readonly kind: 'written' }
  /** The target refused because it changed since it was looked at. */
  | { readonly kind: 'look-again' }
  | { readonly kind: 'refused'; readonly applied: Applied; readonly says: string }

export type Verification =
  | { readonly kind: 'verified'; readonly says: string }
  /** Not yet, and it may still become true. */
  | { readonly kind: 'not-yet'; readonly says: string }
  | { readonly kind: 'failed'; readonly says: string }

/** What the target says to the write before it is made. */
export type Rehearsal =
  | { readonly kind: 'accepted' | 'refused' | 'not-known'; readonly says: string }
  /** There is nothing to ask it. */
  | { readonly kind: 'nothing-to-ask'; readonly says: string }

/**
 * A step looks, acts on exactly what it has seen, and proves. A fresh step and one that a crash cut
 * off run the same code. Every call may throw a `Fault`.
 */
export type StepDefinition<Input, Seen> = {
  /** Journaled: never rename. */
  readonly id: string
  readonly input: z.ZodType<Input>
  /** From its start to its proof, in milliseconds. */
  readonly deadlineMs: number
  /** It only makes way for the steps after it: before they write, the signatures are asked for once more (J7). */
  readonly prepares?: boolean
  readonly title: (input: Input) => string
  readonly inspect: (context: StepContext, input: Input) => Promise<Inspection<Seen>>
  readonly apply: (context: StepContext, input: Input, seen: Seen) => Promise<Application>
  /** Asks the target whether it would accept the write; left out where it cannot be asked. */
  readonly rehearse?: (context: StepContext, input: Input, seen: Seen) => Promise<Rehearsal>
  /** Asked again, every second or so, until it is not `not-yet` any more. */
  readonly verify: (context: StepContext, input: Input) => Promise<Verification>
  /** The step that takes this one back; `null` when there is none, and none is needed. */
  readonly inverse: ((input: Input) => z.infer<typeof PlannedStep.shape.input>) | null
}

/** A look, with what can be done about what was seen. */
export type BoundInspection =
  | {
      readonly kind: 'needed'
      readonly begun: Begun
      readonly apply: (context: StepContext) => Promise<Application>
    }
  | Exclude<Inspection<never>, { kind: 'needed' }>

/** A step with its input: the engine carries it out without knowing either. */
export type BoundStep = {
  readonly id: string
  readonly title: string
  readonly deadlineMs: number
  readonly prepares: boolean
  readonly inspect: (context: StepContext) => Promise<BoundInspection>
  readonly verify: (context: StepContext) => Promise<Verification>
  readonly rehearse: (context: StepContext) => Promise<Rehearsal>
  /** What takes it back; `null` when nothing does. */
  readonly inverse: PlannedStep | null
}

export type Step = {
  readonly id: string
  /** Throws when the input is not one of this step: the journal is not what this program wrote (J3). */
  readonly bind: (input: unknown) => BoundStep
}

/** A step of any input as one type; what it has seen never leaves it. */
export function defineStep<Input, Seen>(step: StepDefinition<Input, Seen>): Step {
  function bind(unparsed: unknown): BoundStep {
    const input = step.input.parse(unparsed)
    return {
      id: step.id,
      title: step.title(input),
      deadlineMs: step.deadlineMs,
      prepares: step.prepares ?? false,
      async inspect(context) {
        const found = await step.inspect(context, input)
        if (found.kind !== 'needed') return found
        const { seen, begun } = found
        return { kind: 'needed', begun, apply: (now) => step.apply(now, input, seen) }
      },
      verify: (context) => step.verify(context, input),
      async rehearse(context) {
        if (!step.rehearse) return { kind: 'nothing-to-ask', says: '' }
        const found = await step.inspect(context, input)
        if (found.kind === 'done') return { kind: 'nothing-to-ask', says: found.says }
        if (found.kind === 'blocked') return { kind: 'refused', says: found.says }
        return step.rehearse(context, input, found.seen)
      },
      inverse: step.inverse && inverseOf(step.inverse(input)),
    }
  }
  function inverseOf(input: z.infer<typeof PlannedStep.shape.input>): PlannedStep {
    return { id: step.id, title: bindTitle(input), input }
  }
  function bindTitle(input: unknown): string {
    return step.title(step.input.parse(input))
  }
  return { id: step.id, bind }
}
