import type { NameOf } from '../../chat/outside/shown.ts'
import type { Refusal } from '../../domain/base/refusal.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Intent } from '../../domain/incident/intent.ts'
import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import type { Log } from '../../ports/log.ts'
import type { KeptAnswers, SecondFactor } from '../../ports/second-factor.ts'

/** What came of a wish: decided like every other one, or not yet. */
export type Outcome = Refusal | { readonly kind: 'granted' } | { readonly kind: 'undecided' }

/** What the program does with what people do on the page. */
export type Desk = {
  readonly environment: string
  readonly approval: ApprovalSettings
  readonly nameOf: NameOf
  readonly secondFactor: SecondFactor
  /** Who is signed in, at whichever process they are. */
  readonly sessions: KeptAnswers
  /** Why this person gets nothing here; `null` for a member. */
  barred(user: string): Promise<Refusal | null>
  open(): readonly Incident[]
  /** Those that nobody has declared yet, the newest first. */
  undeclared(): Promise<readonly Incident[]>
  /** Those whose events cannot be read here. */
  unreadable(): readonly string[]
  incident(id: string): Promise<Incident | null>
  /** Makes it durable, and waits a moment for what is decided. */
  wish(by: string, incident: Incident, intent: Intent): Promise<Outcome>
  /** Somebody has proved that the secret arrived. */
  proved(user: string): Promise<void>
  readonly log: Log
}
