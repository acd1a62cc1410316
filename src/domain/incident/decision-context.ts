import type { ApprovalSettings, Signer } from '../plan/gate.ts'

/** What the decision needs to know beside the incident. */
export type DecisionContext = {
  readonly person: Signer
  readonly nowMs: number
  /** Why the plan that is asked for is not possible, where the world was asked beforehand; else `null`. */
  readonly impossible: string | null
  readonly approval: ApprovalSettings
  /** How long production is watched after a rollback; 0: for half an hour. */
  readonly watchHours: number
  /** The environment of the place where the wish was made. */
  readonly environment: string
  /** Where headlines go: the first configured incident channel. */
  readonly headlineChannel: string
}
