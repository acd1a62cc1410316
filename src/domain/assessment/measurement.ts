import { z } from 'zod'
import { Detail } from './detail.ts'
import { RolloutSeen, TargetsSeen } from './rollout-seen.ts'
import { Verdict } from './verdict.ts'

/**
 * Five different kinds of answer. Only `value` can be healthy.
 *
 * - `value`: a number that is fresh and complete.
 * - `no-traffic`: there is nothing to form a ratio of.
 * - `no-data`: the series is absent, or too old to stand for now.
 * - `partial`: the dependency itself says that its answer is incomplete.
 * - `error`: no answer, or one that makes no sense.
 */
export const MeasurementClass = z.enum(['value', 'no-traffic', 'no-data', 'partial', 'error'])
export type MeasurementClass = z.infer<typeof MeasurementClass>

/** One probe's answer about one target. */
export const Measurement = z.object({
  probe: z.string(),
  target: z.string(),
  class: MeasurementClass,
  verdict: Verdict,
  value: z.union([z.number(), z.string()]).nullable(),
  unit: z.string(),
  /** What was asked, exactly: the query, the URL, the command. */
  query: z.string(),
  tookMs: z.number(),
  /** What came back, in one clause for a person: "HTTP 503 in 41 ms". */
  summary: z.string(),
  /** What stands behind the number. Left out in old journals, and where nothing does. */
  detail: Detail.optional(),
  /** What runs and does not run as it was asked to; left out where that was not asked, and in old journals. */
  rollouts: z.array(RolloutSeen).optional(),
  targets: TargetsSeen.optional(),
  /** While maintenance is on: the share of 5xx that it does not explain; `null`: not known. */
  otherErrorsPercent: z.number().nullable().optional(),
})
export type Measurement = z.infer<typeof Measurement>
