import { z } from 'zod'
import { ChainCheck, HttpCheck } from '../domain/verification/request-settings.ts'
import type { VerificationPlan } from '../domain/verification/settings.ts'

const DEADLINE_MS = 30_000

/** `purge` in backout.yaml: requests that have a CDN or a proxy forget the pages that it holds. */
export const PurgeSettings = z
  .array(
    z.strictObject({
      id: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, 'must be a lower-case name like cdn'),
      title: z.string().min(1).max(80),
      request: z.discriminatedUnion('kind', [HttpCheck, ChainCheck]),
    }),
  )
  .max(10)
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'an id stands there twice')
export type PurgeSettings = z.infer<typeof PurgeSettings>

/** The requests as they are sent. */
export function purgesOf(settings: PurgeSettings): VerificationPlan {
  const items = settings.map(({ id, title, request }) => {
    return { id, title, check: request, by: 'backout' as const }
  })
  return { items, deadlineMs: DEADLINE_MS }
}
