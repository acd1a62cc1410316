import { z } from 'zod'

/** So many of so many: what a ratio was formed of. */
export const Counts = z.object({ part: z.number(), whole: z.number() })
export type Counts = z.infer<typeof Counts>

/**
 * Between which values the number lies, and why it is not known better. `few`: few events. `restarts`: what
 * was counted between the last look and a restart is lost. `buckets`: durations are counted in classes.
 * `baselines`: those that there are do not agree.
 */
export const Interval = z.object({
  low: z.number(),
  high: z.number(),
  because: z.enum(['few', 'restarts', 'buckets', 'baselines']),
})
export type Interval = z.infer<typeof Interval>

/** The same ratio over one time, the newest end of which is now. */
export const RatioWindow = Counts.extend({ seconds: z.number(), percent: z.number().nullable() })
export type RatioWindow = z.infer<typeof RatioWindow>

export const BASELINES = ['before-deploy', 'hour-ago', 'yesterday', 'last-week'] as const

/** What a number is held against. `abnormal`: it is itself so bad that it is not used alone. */
export const Baseline = z.object({
  of: z.enum(BASELINES),
  value: z.number(),
  unit: z.string(),
  events: z.number().nullable(),
  abnormal: z.boolean(),
})
export type Baseline = z.infer<typeof Baseline>

/** One service's share of a measurement. */
export const ServicePart = z.object({
  service: z.string(),
  counts: Counts,
  percent: z.number().nullable(),
  interval: Interval.nullable(),
  windows: z.array(RatioWindow),
  ageSeconds: z.number().nullable(),
  /** Of what is no ratio: the number itself, and what it is held against; `percent` is by how much it is more. */
  says: z.string().optional(),
})
export type ServicePart = z.infer<typeof ServicePart>

/** What stands behind a number; each part is left out where nothing of the kind is known. */
export const Detail = z.object({
  counts: Counts.optional(),
  /** The longest first. */
  windows: z.array(RatioWindow).optional(),
  interval: Interval.nullable().optional(),
  /** What it is held against; `null`: nothing usable. */
  baseline: Baseline.nullable().optional(),
  baselines: z.array(Baseline).optional(),
  /** Why it is not known what it was before the deploy; left out where it is, or where nothing could tell. */
  deployUnknown: z.string().optional(),
  /** Which of the configured services it is formed of, by the label that tells them apart; `null`: none does. */
  coverage: z
    .object({ by: z.string(), seen: z.array(z.string()), missing: z.array(z.string()) })
    .nullable()
    .optional(),
  /** How old the newest sample of its own source is. */
  freshness: z.object({ ageSeconds: z.number().nullable() }).optional(),
  services: z.array(ServicePart).optional(),
  /** How often instances restarted within the window. */
  restarts: z.number().optional(),
  /** The trouble of the window has ended; when, as well as the samples tell. */
  overSince: z.iso.datetime().nullable().optional(),
})
export type Detail = z.infer<typeof Detail>
