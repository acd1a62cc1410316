import { z } from 'zod'
import { Reading } from './readiness.ts'
import { Lost, Regained, Standing, type Compared } from './standing.ts'

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

const MOST_UNTOLD = 20

/** What is kept after a look. `isTold`: people want to be told what was lost or regained. */
export function keptAfter(
  before: KeptReadiness,
  {
    reading,
    found: { standings, lost, regained },
  }: { readonly reading: Reading; readonly found: Compared },
  { isTold }: { readonly isTold: boolean },
): KeptReadiness {
  const { at } = reading
  const news = { key: `readiness:${at}`, at, lost: [...lost], regained: [...regained] }
  const isNews = isTold && lost.length + regained.length > 0
  const untold = isNews ? [...before.untold, { ...news, sentAt: null }] : before.untold
  return { schema: 1, reading, standings: [...standings], untold: untold.slice(-MOST_UNTOLD) }
}
