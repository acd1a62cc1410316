import { z } from 'zod'

/**
 * The public contract of `assess --json`, written down a second time and on purpose: product.md
 * section 3. It imports nothing of ours, so that renaming something there is seen here.
 */
export const ruleOrder = [
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
] as const

const Decision = z.enum(['do-not', 'roll-back', 'person-decides'])
const Verdict = z.enum(['healthy', 'inconclusive', 'unreachable', 'degraded'])
const Procedure = z.enum(['kubernetes', 'docker', 'database', 'feature-flag', 'full'])
const Rule = z.enum(ruleOrder)

const Since = z.strictObject({ time: z.iso.datetime(), exact: z.boolean() }).nullable()

const OtherChange = z.strictObject({
  kind: z.enum(['scale', 'restart', 'flag', 'configuration', 'runbook']),
  says: z.string(),
  since: z.strictObject({ time: z.iso.datetime(), exact: z.boolean() }),
  by: z.string().nullable(),
})
const Preceding = z.strictObject({
  name: z.string(),
  at: z.iso.datetime(),
  beforeMs: z.number(),
  isRelease: z.boolean(),
})

const Counts = z.strictObject({ part: z.number(), whole: z.number() })
const Window = Counts.extend({ seconds: z.number(), percent: z.number().nullable() })
const Interval = z.strictObject({
  low: z.number(),
  high: z.number(),
  because: z.enum(['few', 'restarts', 'buckets', 'baselines']),
})
const Baseline = z.strictObject({
  of: z.enum(['before-deploy', 'hour-ago', 'yesterday', 'last-week']),
  value: z.number(),
  unit: z.string(),
  events: z.number().nullable(),
  abnormal: z.boolean(),
})

export const AssessmentJson = z.strictObject({
  schema: z.literal(2),
  at: z.iso.datetime(),
  decision: Decision,
  verdict: Verdict,
  rules: z
    .array(
      z.strictObject({
        rule: Rule,
        matched: z.union([z.boolean(), z.literal('unknown')]),
        severity: z.enum(['critical', 'high', 'medium', 'low']),
        decision: Decision,
        measured: z.number().nullable(),
        unit: z.string().nullable(),
        threshold: z.number().nullable(),
        because: z.string().min(1),
        service: z.string().nullable(),
      }),
    )
    .length(ruleOrder.length),
  measurements: z.array(
    z.strictObject({
      probe: z.string().min(1),
      target: z.string().min(1),
      class: z.enum(['value', 'no-traffic', 'no-data', 'partial', 'error']),
      verdict: Verdict,
      value: z.union([z.number(), z.string()]).nullable(),
      unit: z.string(),
      query: z.string().min(1),
      tookMs: z.number().min(0),
      summary: z.string().min(1),
      counts: Counts.nullable(),
      windows: z.array(Window),
      interval: Interval.nullable(),
      baseline: Baseline.nullable(),
      baselines: z.array(Baseline),
      coverage: z
        .strictObject({
          by: z.string(),
          seen: z.array(z.string()),
          missing: z.array(z.string()),
        })
        .nullable(),
      freshness: z.strictObject({ ageSeconds: z.number().nullable() }).nullable(),
      services: z.array(
        z.strictObject({
          service: z.string(),
          counts: Counts,
          percent: z.number().nullable(),
          interval: Interval.nullable(),
          windows: z.array(Window),
          ageSeconds: z.number().nullable(),
          says: z.string().nullable(),
        }),
      ),
      restarts: z.number().nullable(),
      overSince: z.iso.datetime().nullable(),
    }),
  ),
  reasons: z.array(Rule),
  recommended: Procedure.nullable(),
  procedures: z.array(
    z.strictObject({
      name: Procedure,
      feasible: z.boolean(),
      because: z.string().min(1),
      to: z.string().nullable(),
      takesBack: z.strictObject({ says: z.string().min(1), isCause: z.boolean() }).nullable(),
    }),
  ),
  changes: z
    .array(
      z.strictObject({
        service: z.string().min(1),
        kind: z.enum(['version', 'restart', 'settings']),
        images: z.array(z.string()),
        imagesBefore: z.array(z.string()).nullable(),
        since: Since,
        versionSince: Since,
        by: z.string().nullable(),
        cause: z.string().nullable(),
        commit: z.string().nullable(),
        source: z.string().nullable(),
        authors: z.string().nullable(),
        builtAt: z.string().nullable(),
        compareUrl: z.string().nullable(),
      }),
    )
    .nullable(),
  otherChanges: z.array(OtherChange),
  preceding: z.array(Preceding),
  onset: z
    .strictObject({
      of: z.enum(['errors', 'logins', 'latency', 'client-errors', 'traffic']),
      after: z.iso.datetime().nullable(),
      by: z.iso.datetime(),
      overSince: z.iso.datetime().nullable(),
      service: z.string().nullable(),
    })
    .nullable(),
  against: z.array(z.strictObject({ kind: z.string().min(1), says: z.string().min(1) })),
  newRoutes: z
    .strictObject({
      since: z.iso.datetime(),
      named: z.array(
        z.strictObject({ route: z.string(), status: z.string(), requests: z.number() }),
      ),
      more: z.number(),
    })
    .nullable(),
  versions: z.array(z.strictObject({ name: z.string(), failed: z.number(), requests: z.number() })),
})
export type AssessmentJson = z.infer<typeof AssessmentJson>

export const exitCodes = { 'do-not': 0, 'roll-back': 10, 'person-decides': 11 } as const
