import type { RuleOutcome } from '../domain/assessment/rule.ts'
import type { MatrixSettings } from '../domain/assessment/settings.ts'
import type { Symptom } from '../domain/assessment/symptom.ts'
import type { Reach } from './alternatives.ts'

/** What the rules are evaluated over, and what their advice depends on. */
export type Observed = Reach & {
  readonly symptoms: readonly Symptom[]
  readonly settings: MatrixSettings
}

/** What a condition saw. */
export type Seen = Pick<
  RuleOutcome,
  'matched' | 'measured' | 'unit' | 'threshold' | 'because' | 'service'
>
