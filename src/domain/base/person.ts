import { z } from 'zod'

/** What Slack says about an account, read live. Only a `member` may do anything. */
export const PersonKind = z.enum(['member', 'guest', 'bot', 'external', 'deactivated', 'unknown'])
export type PersonKind = z.infer<typeof PersonKind>

export const Person = z.object({ id: z.string(), kind: PersonKind })
export type Person = z.infer<typeof Person>
