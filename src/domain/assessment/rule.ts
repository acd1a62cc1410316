import { z } from 'zod'

/** The answer to "shall we roll back?". */
export const Decision = z.enum(['do-not', 'person-decides', 'roll-back'])
export type Decision = z.infer<typeof Decision>

export const Severity = z.enum(['critical', 'high', 'medium', 'low'])
export type Severity = z.infer<typeof Severity>

/** The rows of the decision matrix, in its order. Journaled and public: never rename. */
export const RuleId = z.enum([
  'cross-organisation-leak',
  'data-loss-or-corruption',
  'complete-outage',
  'errors-critical',
  'login-failures-critical',
  'latency-high',
  'rollout-unfinished',
  'errors-elevated',
  'login-failures-elevated',
  'errors-unusual',
  'partial-outage',
  'active-users-down',
  'latency-elevated',
  'client-errors-up',
  'traffic-down',
  'targets-down',
  'maintenance-on',
  'single-organisation',
  'ui-issue',
  'cache-issue',
  'minor-issue',
])
export type RuleId = z.infer<typeof RuleId>

/** One row of the matrix, evaluated. `matched` is `unknown` when what it needs was not measured. */
export const RuleOutcome = z.object({
  rule: RuleId,
  matched: z.union([z.boolean(), z.literal('unknown')]),
  severity: Severity,
  decision: Decision,
  measured: z.number().nullable(),
  unit: z.string().nullable(),
  threshold: z.number().nullable(),
  because: z.string(),
  /** The one of several services whose number decided; left out: it was that of all, or no number did. */
  service: z.string().optional(),
  /** What to do instead of, or before, a rollback. */
  alternative: z.string().nullable(),
})
export type RuleOutcome = z.infer<typeof RuleOutcome>
