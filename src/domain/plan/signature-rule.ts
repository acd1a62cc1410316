import { z } from 'zod'

/** Who may give a signature. The settings say who they are (`approval`). */
export const SignerRole = z.enum(['approvers', 'data-owners'])
export type SignerRole = z.infer<typeof SignerRole>

/**
 * So many different people of this role have to sign. One signature may count for several rules:
 * two approvers, one of them a data owner, are two rules and two signatures.
 */
export const SignatureRule = z.object({
  count: z.int().min(1).max(9),
  from: SignerRole,
  /** Whoever asked for the plan may be one of them, whatever the settings say. */
  requesterCounts: z.boolean().optional(),
})
export type SignatureRule = z.infer<typeof SignatureRule>

/** As plans were journaled before there were roles: a number of approvers. */
const Counted = z
  .union([z.literal(1), z.literal(2)])
  .transform((count): SignatureRule[] =>
    count === 1
      ? [{ count, from: 'approvers', requesterCounts: true }]
      : [{ count, from: 'approvers' }],
  )

/** The same the other way round; `null`: it cannot be said as a number. */
export function asCount([rule, ...more]: readonly SignatureRule[]): 1 | 2 | null {
  if (rule?.from !== 'approvers' || more.length > 0) return null
  const { count, requesterCounts = false } = rule
  if (count === 1 && requesterCounts) return 1
  return count === 2 && !requesterCounts ? 2 : null
}

export const SignatureRules = z.union([z.array(SignatureRule).min(1), Counted])

/** How many people sign in all. */
export function signersWanted(rules: readonly SignatureRule[]): number {
  return Math.max(0, ...rules.map(({ count }) => count))
}
