import type { Assessment } from './assessment.ts'
import type { TroubleBegan } from './onset.ts'

/** When what was measured began; `null`: that is not known. `undefined`: no number calls for a way back. */
export function troubleBegan(
  assessment: Pick<Assessment, 'decision' | 'reasons' | 'rules' | 'onset'> | null,
): TroubleBegan | null | undefined {
  if (!assessment || assessment.decision === 'do-not') return undefined
  const { reasons, rules, onset } = assessment
  const deciding = rules.find(({ rule }) => rule === reasons[0])
  // What a person has reported has no beginning that a number shows.
  if (!deciding || deciding.unit === null || deciding.matched !== true) return undefined
  return onset ? { after: onset.after, by: onset.by } : null
}
