import { z } from 'zod'

const Names = z.array(z.string().min(1))

/** What becomes of alerts that are sent to us. What is not named here counts as bad. */
export const AlertSettings = z.strictObject({
  /** Those that fire for ever on purpose, or only keep others quiet. */
  ignoreNames: Names.default(['Watchdog', 'DeadMansSwitch', 'InfoInhibitor']),
  ignoreSeverities: Names.default(['none', 'info']),
  /** Told to the incident that they belong to; alone they open none. */
  onlyNoteSeverities: Names.default(['warning']),
  /** So many incidents are opened by alerts within ten minutes; what is more goes to the newest of them. */
  mostIncidents: z.int().min(1).max(50).default(5),
})
export type AlertSettings = z.infer<typeof AlertSettings>
