import type { DraftedLetter } from '../outbox/letter.ts'
import type { Drafted } from '../outbox/status-post.ts'
import type { ApprovalSettings, Signer } from '../plan/gate.ts'
import type { VerificationItem } from '../verification/item.ts'

/** What the decision needs to know beside the incident. */
export type DecisionContext = {
  readonly person: Signer
  readonly nowMs: number
  /** Why the plan that is asked for is not possible, where the world was asked beforehand; else `null`. */
  readonly impossible: string | null
  /** What would be published at the stage that is asked for; left out where no status page is configured. */
  readonly drafted?: Drafted | null
  /** What would be sent to the list that is asked for; left out where nothing can be sent. */
  readonly letter?: DraftedLetter | null
  readonly approval: ApprovalSettings
  /** How long production is watched after a rollback; 0: for half an hour. */
  readonly watchHours: number
  /** The environment of the place where the wish was made. */
  readonly environment: string
  /** Where headlines go: the first configured incident channel. */
  readonly headlineChannel: string
  /** What is verified after a rollback; left out: nothing is. */
  readonly verification?: readonly VerificationItem[]
}
