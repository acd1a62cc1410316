import { wantsEvidence, type PlanState, type Prepared } from '../../domain/plan/plan-state.ts'
import { clipped, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { underWay } from './progress.ts'

/** How much of what is made ready is shown. */
export const PREPARATION = 120

/** What is done while people decide, and how it went. */
export function preparedLines(state: PlanState): readonly Mrkdwn[] {
  const { evidence, rehearsal, preparation, preparing, plan } = state
  const under = preparing ? underWay(preparing).mrkdwn : 'begun…'
  return [
    ...(plan?.preparation === undefined
      ? []
      : [prepared(clipped(plan.preparation, PREPARATION).mrkdwn, preparation, under)]),
    ...(wantsEvidence(state) ? [prepared('Evidence', evidence, 'being collected…')] : []),
    prepared('Tried without changing anything', inWordsOfPeople(rehearsal), 'under way…'),
  ]
}

/** As the journal has it since there are plans. */
function inWordsOfPeople(rehearsal: Prepared | null): Prepared | null {
  return rehearsal?.says === 'nothing to rehearse'
    ? { ...rehearsal, says: 'there is nothing to try' }
    : rehearsal
}

function prepared(what: string, state: Prepared | null, meanwhile: string): Mrkdwn {
  if (!state) return mrk`${what}: ${meanwhile}`
  const sign = trusted(state.ok ? '' : '⚠️ ')
  return mrk`${sign}${what}${state.ok ? '' : ', not as it should be'}: ${clipped(state.says, 260)}`
}
