import type { ItemResult, ItemVerdict } from '../../domain/verification/item.ts'
import type { counts, ItemState } from '../../domain/verification/verification.ts'

export const ITEM_SIGNS: Record<ItemState['kind'], string> = {
  passed: '✅',
  ticked: '✅',
  failed: '❌',
  'wants-person': '⬜',
  measuring: '👀',
}

/** "9 of 12 verified, 2 wait for a person, 1 failed". */
export function countWords({
  all,
  verified,
  forPeople,
  failed,
}: Pick<ReturnType<typeof counts>, 'all' | 'verified' | 'forPeople' | 'failed'>): string {
  return [
    `${verified} of ${all} verified`,
    ...(forPeople > 0 ? [`${forPeople} ${forPeople === 1 ? 'waits' : 'wait'} for a person`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ')
}

const VERDICT_PHRASES: Record<ItemVerdict, string> = {
  passed: 'passed',
  failed: 'failed',
  'not-measured': 'could not be measured',
}

/** "8 passed, 1 failed, 2 could not be measured". */
export function verifiedWords(results: readonly ItemResult[]): string {
  const parts = (['passed', 'failed', 'not-measured'] as const).flatMap((verdict) => {
    const count = results.filter((one) => one.verdict === verdict).length
    return count > 0 ? [`${count} ${VERDICT_PHRASES[verdict]}`] : []
  })
  return parts.join(', ') || 'nothing that it could measure'
}
