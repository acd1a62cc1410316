import type { Button } from '@slack/types'
import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import { currentPlan, type Incident } from '../../domain/incident/incident.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { button } from './blocks.ts'
import { clipped, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { hasApprovers } from './plan-actions.ts'
import { planProgress } from './plan-words.ts'

type Offer = {
  /** Why there is nothing to press, or what is under way instead. */
  readonly says: Mrkdwn | null
  readonly buttons: readonly Button[]
}

const NOTHING: Offer = { says: null, buttons: [] }

/** The way back, where one may be prepared now; otherwise what stands in its way. */
export function prepareRollback(incident: Incident, approval: ApprovalSettings): Offer {
  const { assessment } = incident
  if (incident.closed) return NOTHING
  const state = currentPlan(incident)
  const progress = planProgress(incident)
  const says = progress === null || !state ? null : whereItStands(state, progress)
  if (incidentCan.plan(incident) !== true || (state && isWaiting(state))) {
    return { says, buttons: [] }
  }
  const way = assessment?.procedures.find(({ name }) => name === 'kubernetes')
  // What could not be read may be readable by now: the plan looks again.
  if (way && !way.feasible && way.known) {
    const configured = way.because !== 'not configured'
    const because = mrk`*No rollback can be prepared now:* ${clipped(way.because, 300)}.`
    return { says: configured ? (says ?? because) : says, buttons: [] }
  }
  if (!hasApprovers(approval)) {
    const none =
      'No approvers are configured, so nothing can be carried out (approval in backout.yaml).'
    return { says: trusted(`*${none}*`), buttons: [] }
  }
  const wanted = assessment !== null && assessment.decision !== 'do-not'
  const done = state?.run?.ended?.outcome === 'succeeded'
  return {
    says,
    buttons: [
      button({
        action: ACTIONS.prepareRollback,
        label: 'Prepare rollback',
        value: incident.id,
        ...(wanted && !done ? { style: 'primary' as const } : {}),
      }),
    ],
  }
}

/** The plan's own card says how far it is; without a card it is said here. */
function whereItStands({ number, plan, run }: PlanState, progress: string): Mrkdwn {
  if (!plan) return mrk`*${clipped(progress, 300)}.*`
  const cards = run ? 'cards are below, the newest says' : 'card is below, and says'
  return mrk`*Plan ${number}:* its ${cards} where it stands.`
}

/** Asked for, and neither carried out nor ended. */
function isWaiting({ run, ended }: PlanState): boolean {
  return run === null && ended === null
}
