import { z } from 'zod'

/** What is verified after a rollback. Ids are journaled: never rename. */
export const VerificationItem = z.object({
  id: z.string(),
  title: z.string(),
  /** Who finds out: Backout, or a person who looks. */
  by: z.enum(['backout', 'person']),
  /** It is to be done once, after that plan: once it is, no later plan makes it undone. */
  afterPlan: z.int().optional(),
})
export type VerificationItem = z.infer<typeof VerificationItem>

/** Only what was measured passes or fails (J10). */
export const ItemVerdict = z.enum(['passed', 'failed', 'not-measured'])
export type ItemVerdict = z.infer<typeof ItemVerdict>

/** What Backout has found about one item. */
export const ItemResult = z.object({
  item: z.string(),
  /** How it was asked: `http`, `query`, … */
  kind: z.string(),
  verdict: ItemVerdict,
  /** What was seen, and what was expected where that is another thing, in a clause for a person. */
  says: z.string(),
  tookMs: z.number(),
})
export type ItemResult = z.infer<typeof ItemResult>

/** What is to be measured, and since when production is as it is. */
export type ToVerify = {
  readonly ids: readonly string[]
  /** When a plan last changed it, an ISO time; `null`: none has. */
  readonly changedAt: string | null
}

/** Why it is verified now. */
export const VerificationCause = z.enum(['rolled-back', 'stable', 'window-over', 'asked'])
export type VerificationCause = z.infer<typeof VerificationCause>
