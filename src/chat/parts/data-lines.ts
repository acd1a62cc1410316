import type { Assessment } from '../../domain/assessment/assessment.ts'
import { REQUESTS } from '../../domain/plan/requests.ts'
import { trusted, type Mrkdwn } from '../text/text.ts'

/** What a way back of code does not do, where somebody has reported that data is lost or wrong. */
export function dataLines({ symptoms, recommended, procedures }: Assessment): readonly Mrkdwn[] {
  const data = symptoms.includes('data-loss') || symptoms.includes('data-corruption')
  const best = recommended ?? procedures.find(({ feasible }) => feasible)?.name
  if (!data || best === undefined || REQUESTS[best].rollsBack !== 'code') return []
  return [
    trusted(
      '⚠️ A rollback of code brings no data back. It only keeps the release from losing or spoiling more.',
    ),
  ]
}
