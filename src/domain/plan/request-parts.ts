import type { SignatureRule } from './signature-rule.ts'

export const TWO: readonly SignatureRule[] = [{ count: 2, from: 'approvers' }]
export const ONE: readonly SignatureRule[] = [
  { count: 1, from: 'approvers', requesterCounts: true },
]
export const ANOTHER: readonly SignatureRule[] = [{ count: 1, from: 'approvers' }]
export const ONE_OF_EACH: readonly SignatureRule[] = [...TWO, { count: 1, from: 'data-owners' }]

export const ERRORS_MAY_GO_ON =
  'that the errors are gone. The 5xx ratio covers five minutes, so it still counts the time before'
