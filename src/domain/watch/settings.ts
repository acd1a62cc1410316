import { z } from 'zod'

export const WatchSettings = z.strictObject({
  /** How long production is watched after a rollback; 0: for the first half hour alone. */
  hours: z.number().min(0).max(72).default(24),
})
