import { z } from 'zod'

const Labels = z.record(z.string(), z.string())

/** `gettableAlerts` of its API, as far as it is read. */
export const Alerts = z.array(
  z.object({
    labels: Labels,
    annotations: Labels.default({}),
    startsAt: z.iso.datetime({ offset: true }),
    status: z.object({ state: z.enum(['unprocessed', 'active', 'suppressed']) }),
  }),
)
export type Alerts = z.infer<typeof Alerts>

/** A refusal is a JSON text, or an object with a message where the request itself was malformed. */
export const Refused = z.union([z.string(), z.object({ message: z.string() })])
