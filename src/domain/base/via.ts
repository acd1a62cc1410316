import { z } from 'zod'

/** By which way somebody came who did not come by Slack. Journaled: a name never changes. */
export const Via = z.enum(['page', 'command-line'])
export type Via = z.infer<typeof Via>
