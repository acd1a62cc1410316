import type { PlanRequest, RequestKind } from './plan-request.ts'
import type { SignatureRule } from './signature-rule.ts'

/** What a plan may change, as far as that is known before it is made. Plans of different areas do not wait for one another. */
export type Area = 'services' | 'cache' | 'maintenance' | 'data'

export type RequestTraits<Request extends PlanRequest = PlanRequest> = {
  /**
   * A named way back from a bad release, by what it brings back: what an assessment offers, and the
   * world is told of. `false`: it is none.
   */
  readonly rollsBack: 'code' | 'data' | false
  /** It leaves another state behind, which an undo can take back. */
  readonly leavesState: boolean
  /** Whether a watch follows its run. `as-undone`: what holds for the plan that it undoes. */
  readonly watched: 'when-done' | 'however-it-ends' | 'never' | 'as-undone'
  /** Logs and metrics are kept before it writes. */
  readonly wantsEvidence: boolean
  readonly touches: readonly Area[] | 'as-undone'
  /**
   * What has to have been done in the incident before it, with what it left still there: asked for in its place
   * until then.
   */
  readonly first?: RequestKind
  /** What a person may choose with it. */
  readonly takes: readonly ('version' | 'backup' | 'services' | 'message')[]
  /** `as-undone`: what the plan that it undoes was signed by. */
  readonly signatures: readonly SignatureRule[] | 'as-undone'
  readonly words: {
    /** "Procedure: scale down". */
    readonly name: string
    /** Other words that people type for it. */
    readonly alsoCalled?: readonly string[]
    /** What the button says that asks for it, once what goes first was done. */
    readonly next?: string
    /** What is going on while it is carried out. */
    readonly doing: string
    /** The title of an incident that somebody opens by asking for it. */
    readonly incident: (request: Request) => string
    /** What its run has not looked at, so that nobody takes "done" for "over". */
    readonly notProved: string
    /** What its reason explains. */
    readonly why: string
  }
}
