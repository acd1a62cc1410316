import { z } from 'zod'

/**
 * A service that does not run as it was asked to. `unfinished`: what is asked for is not everywhere yet.
 * `not-ready`: it was, and half of it or more is not ready now. `in-trouble`: it is there, changed lately, and
 * does not stay up.
 */
export const RolloutSeen = z.object({
  service: z.string(),
  /** `null`: its name is not known. */
  version: z.string().nullable(),
  state: z.enum(['unfinished', 'not-ready', 'in-trouble']),
  /** So many run what is asked for and are ready, of so many that should. */
  done: z.number(),
  of: z.number(),
  unit: z.enum(['pod', 'container']),
  /** Why, in the words of what runs it; `null`: it does not tell. */
  because: z.string().nullable(),
})
export type RolloutSeen = z.infer<typeof RolloutSeen>

const Up = z.object({ up: z.number(), of: z.number() })
/** Scrape targets. `services`: of each, where some are down and it is known of which; else left out. */
export const TargetsSeen = Up.extend({
  services: z.array(Up.extend({ service: z.string() })).optional(),
})
export type TargetsSeen = z.infer<typeof TargetsSeen>
