import type { Measurement } from '../domain/assessment/measurement.ts'
import type { RuleOutcome } from '../domain/assessment/rule.ts'
import type { MatrixSettings } from '../domain/assessment/settings.ts'
import type { Symptom } from '../domain/assessment/symptom.ts'

/** What the rules are evaluated over. */
export type Observed = {
  readonly symptoms: readonly Symptom[]
  readonly measurements: readonly Measurement[]
  readonly settings: MatrixSettings
}

/** What a condition saw. */
export type Seen = Pick<RuleOutcome, 'matched' | 'measured' | 'unit' | 'threshold' | 'because'>
