import { procedureRequest, wordsOf } from '../../domain/plan/about-request.ts'
import type { PlanRequest } from '../../domain/plan/plan-request.ts'
import type { Button } from '@slack/types'
import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import { incidentCan, touchSame } from '../../domain/incident/incident-can.ts'
import { activePlans, leadingPlan, type Incident } from '../../domain/incident/incident.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { BEFORE_OTHERS, type ProcedureName } from '../../domain/plan/requests.ts'
import { hasDone } from '../../domain/plan/run.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { button } from './blocks.ts'
import { clipped, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { hasApprovers } from './plan-actions.ts'
import { planProgress } from './plan-progress.ts'

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
  const state = leadingPlan(incident)
  const progress = planProgress(incident)
  const says = progress === null || !state ? null : whereItStands(state, progress)
  const ways = waysBack(incident)
  const open = ways.filter((name) => isFree(incident, procedureRequest(name, {})))
  if (ways.length > 0 && open.length === 0) return { says, buttons: [] }
  if (ways.length === 0) return { says: says ?? whyNone(assessment), buttons: [] }
  if (!hasApprovers(approval)) {
    const none =
      'No approvers are configured, so nothing can be carried out (approval in backout.yaml).'
    return { says: trusted(`*${none}*`), buttons: [] }
  }
  const wanted = assessment !== null && assessment.decision !== 'do-not'
  const done = hasDone(state?.run ?? null)
  return {
    says,
    // The best of them: one next button. The others are typed by their names.
    buttons: open.slice(0, 1).map((name) =>
      button({
        action: ACTIONS.prepareRollback,
        label: 'Prepare rollback',
        value: `${incident.id}/${name}`,
        ...(wanted && !done ? { style: 'primary' as const } : {}),
      }),
    ),
  }
}

/** The ways back that may be possible, the recommended one first. What could not be read may be readable by now. */
function waysBack({ assessment }: Incident): readonly ProcedureName[] {
  const { recommended = null, procedures = [] } = assessment ?? {}
  const possible = procedures.filter(({ feasible, known }) => feasible || !known)
  const names = [...(recommended ? [recommended] : []), ...possible.map(({ name }) => name)]
  return assessment ? [...new Set(names)] : [BEFORE_OTHERS]
}

/** Neither carried out nor waiting for signatures: asking again would only take its place. */
function isFree(incident: Incident, request: PlanRequest): boolean {
  const waits = activePlans(incident).some((state) => touchSame(incident, state.request, request))
  return !waits && incidentCan.plan(incident, request) === true
}

/** Why none of the configured ways back is possible. */
function whyNone(assessment: Incident['assessment']): Mrkdwn | null {
  const because = (assessment?.procedures ?? [])
    .filter(({ because: why }) => why !== 'not configured')
    .map(({ name, because: why }) => `${wordsOf(name).name}: ${why}`)
  if (because.length === 0) return null
  return mrk`*No rollback can be prepared now:* ${clipped(because.join('; '), 300)}.`
}

/** The plan's own card says how far it is; without a card it is said here. */
function whereItStands({ number, plan, run }: PlanState, progress: string): Mrkdwn {
  if (!plan) return mrk`*${clipped(progress, 300)}.*`
  const cards = run ? 'cards are below, the newest says' : 'card is below, and says'
  return mrk`*Plan ${number}:* its ${cards} where it stands.`
}
