import { z } from 'zod'
import { Reading } from './readiness.ts'
import { Lost, Regained, Standing } from './standing.ts'

/** What people are told once, in a message of its own. */
export const ReadinessNews = z.object({
  /** Carried by the message, so that it is known again after a crash. */
  key: z.string(),
  at: z.iso.datetime(),
  lost: z.array(Lost),
  regained: z.array(Regained),
  /** When it was about to be sent: it may have arrived, and is looked for before it is sent again (J4). */
  sentAt: z.iso.datetime().nullable(),
})
export type ReadinessNews = z.infer<typeof ReadinessNews>

/** All that has to outlive a restart. */
export const KeptReadiness = z.object({
  schema: z.literal(1),
  reading: Reading.nullable(),
  standings: z.array(Standing),
  /** The oldest first. */
  untold: z.array(ReadinessNews),
})
export type KeptReadiness = z.infer<typeof KeptReadiness>

export const NOTHING_KEPT: KeptReadiness = {
  schema: 1,
  reading: null,
  standings: [],
  untold: [],
}
