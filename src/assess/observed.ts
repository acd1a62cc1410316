import type { Measurement } from '../domain/measurement.ts'
import type { RuleOutcome } from '../domain/rule.ts'
import type { MatrixSettings } from '../domain/settings.ts'
import type { Symptom } from '../domain/symptom.ts'

/** What the rules are evaluated over. */
export type Observed = {
  readonly symptoms: readonly Symptom[]
  readonly measurements: readonly Measurement[]
  readonly settings: MatrixSettings
}

/** What a condition saw. */
export type Seen = Pick<RuleOutcome, 'matched' | 'measured' | 'unit' | 'threshold' | 'because'>
