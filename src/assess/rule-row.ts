import type { Alternative } from './alternatives.ts'
import type { Decision, RuleId, Severity } from '../domain/assessment/rule.ts'
import type { Observed, Seen } from './observed.ts'

/** One row of the decision matrix. */
export type RuleRow = {
  readonly rule: RuleId
  readonly severity: Severity
  readonly decision: Decision
  readonly alternatives: readonly Alternative[]
  condition(observed: Observed): Seen
}
