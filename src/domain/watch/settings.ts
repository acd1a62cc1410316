import { z } from 'zod'

export const WatchSettings = z.strictObject({
  /** How long production is watched after a rollback; 0: for the first half hour alone. */
  hours: z.number().min(0).max(72).default(24),
})

/** How a release is watched once it is deployed. */
export const ReleaseWatchSettings = z.strictObject(
  {
    minutes: z
      .int('must be a whole number of minutes')
      .min(5, 'must be at least 5 minutes')
      .max(240, 'must be at most 240 minutes')
      .default(30),
    /** Two looks have to agree, the second after half of that: so both fit into two minutes. */
    everySeconds: z
      .int('must be a whole number of seconds')
      .min(15, 'must be at least 15 seconds')
      .max(60, 'must be at most 60 seconds: trouble is to be told within two minutes')
      .default(60),
  },
  'switched on by "releaseWatch: {}", or by the keys below it; leave it out to switch it off',
)
export type ReleaseWatchSettings = z.infer<typeof ReleaseWatchSettings>
