import { z } from 'zod'

export const RehearsalSettings = z.strictObject({
  /** People are reminded when no rollback went there and back again for so long. */
  everyDays: z.int().min(1).max(366),
  /** From this hour (UTC) on they are reminded, in eight hours of a working day. */
  hourUtc: z.int().min(0).max(16).default(8),
})
export type RehearsalSettings = z.infer<typeof RehearsalSettings>
