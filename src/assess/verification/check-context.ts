import type { AssessSettings } from '../../domain/assessment/settings.ts'
import type { World } from '../../ports/world.ts'
import type { Finding } from '../probe.ts'

/** What a check gets. */
export type CheckContext = {
  readonly world: World
  readonly settings: AssessSettings
  /** Ends the time of the check, or all of it. */
  readonly signal: AbortSignal
  /** Names what this check leaves behind, so that it is known again: `4f2a91c0`. */
  readonly id: string
  /** When a plan last changed production; `null`: none has. */
  readonly changedAtMs: number | null
  /** Whether what is read from the metrics stands for now, asked once for all. `null`: there are none. */
  readonly freshness: () => Promise<Finding | null>
}
