import { z } from 'zod'

export const ReadinessSettings = z.strictObject({
  /** How often it is checked whether each way back would work; 0: only when somebody asks. */
  everyMinutes: z
    .number()
    .max(1_440)
    .refine((minutes) => minutes === 0 || minutes >= 5, 'must be 0, or at least 5 minutes')
    .default(60),
  /** Where a way back that was lost is told; `null`: in the first channel that Backout listens to. */
  channel: z
    .string()
    .regex(/^[CG][A-Z0-9]{2,}$/, 'must be a channel id like C0123456789')
    .nullable()
    .default(null),
})
export type ReadinessSettings = z.infer<typeof ReadinessSettings>
