import { procedureRequest, wordsOf } from '../../domain/plan/about-request.ts'
import { doneFor } from '../../domain/plan/next-request.ts'
import type { PlanRequest } from '../../domain/plan/plan-request.ts'
import type { Button, KnownBlock } from '@slack/types'
import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import { incidentCan, touchSame } from '../../domain/incident/incident-can.ts'
import { activePlans, type Incident } from '../../domain/incident/incident.ts'
import { isGateOpen, type PlanState } from '../../domain/plan/plan-state.ts'
import { canBeRead } from '../../domain/plan/readable.ts'
import { leftInWords } from '../../domain/plan/left-meanwhile.ts'
import { leftBy } from '../../domain/plan/left-standing.ts'
import { hasDone, type Run } from '../../domain/plan/run.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { actions, button } from './blocks.ts'
import { cutPlain, oneLine } from '../text/text.ts'
import type { Missing } from './plan-contents.ts'
import { signaturesMissing, titleOfPlan, wasUndone } from './plan-words.ts'

/** Exactly what may be done about a plan that waits, or came to nothing. */
export function planActions(
  incident: Incident,
  state: PlanState,
  approval: ApprovalSettings,
  missing: Missing | null,
): KnownBlock[] {
  return row([
    ...(missing ? showWhole(incident, state) : []),
    ...planButtons(incident, state, approval),
  ])
}

/** There where the card does not hold all of the plan. First: it is read before it is signed. */
function showWhole({ id }: Incident, { number, plan }: PlanState): readonly Button[] {
  if (!plan || !canBeRead(plan)) return []
  const value = `${id}/${number}/${plan.digest}`
  return [button({ action: ACTIONS.showPlan, label: 'Show all of it', value })]
}

export function planButtons(
  incident: Incident,
  state: PlanState,
  approval: ApprovalSettings,
): readonly Button[] {
  const { number, plan } = state
  const open = plan !== null && incidentCan.sign(incident, number) === true
  const signable = open && canBeRead(plan)
  const value = `${incident.id}/${number}/${plan?.digest ?? ''}`
  return [
    ...(signable && signaturesMissing(state, incident) > 0 ? [approve(state, value)] : []),
    ...(open ? [button({ action: ACTIONS.deny, label: 'Deny', value, style: 'danger' })] : []),
    ...(state.run ? [] : planAgain(incident, state, approval)),
  ]
}

function approve(state: PlanState, value: string): Button {
  const lost = cutPlain(oneLine(state.plan?.lost ?? '', 1000), 150)
  return button({
    action: ACTIONS.approve,
    label: 'Approve',
    value,
    style: 'primary',
    confirm: {
      title: `Sign plan ${state.number}?`,
      text: `${titleOfPlan(state, 110)}. Lost: ${lost}`,
      yes: 'Sign it',
    },
  })
}

/** What may be done about a plan that is or was carried out. */
export function runActions(
  incident: Incident,
  state: PlanState,
  run: Run,
  approval: ApprovalSettings,
): KnownBlock[] {
  return row(runButtons(incident, state, run, approval))
}

export function runButtons(
  incident: Incident,
  state: PlanState,
  run: Run,
  approval: ApprovalSettings,
): readonly Button[] {
  return [
    ...(incidentCan.abort(incident, state.number) === true ? [abort(incident, state, run)] : []),
    ...whatItWasFor(incident, state, approval),
    ...undo(incident, state, approval),
    ...(run.ended && !hasDone(run) ? planAgain(incident, state, approval) : []),
  ]
}

/** What it was done for, as long as people may ask for it: in the words of its button. */
export function madeReady(incident: Incident, state: PlanState, approval: ApprovalSettings) {
  const name = doneFor(state, incident.plans)
  if (name === null || !hasApprovers(approval)) return null
  const request = procedureRequest(name, {})
  if (incidentCan.plan(incident, request) !== true) return null
  return { request, name, label: wordsOf(name).next ?? 'Prepare rollback' }
}

/** What was made ready is there to be used. */
function whatItWasFor(
  incident: Incident,
  state: PlanState,
  approval: ApprovalSettings,
): readonly Button[] {
  const ready = madeReady(incident, state, approval)
  if (!ready) return []
  const { request, name, label } = ready
  return [
    button({
      action: ACTIONS.prepareRollback,
      label,
      value: `${incident.id}/${name}`,
      style: 'primary',
      ...replacing(incident, request),
    }),
  ]
}

function abort({ id, plans }: Incident, { number, plan }: PlanState, run: Run): Button {
  const { steps } = run
  const planned = plan?.steps ?? []
  const done = steps.filter(({ kind }) => kind === 'succeeded').length
  const at = steps.findIndex(({ kind }) => kind === 'started')
  const becomes = planned[at]?.whenStopped ?? 'what it writes is finished first'
  const begun = at >= 0 ? `Step ${at + 1} has begun: ${becomes}. ` : ''
  const before = done > 0 ? `${done} of ${steps.length} steps are done and stay done. ` : ''
  const meanwhile = leftBy(plans, number).map(leftInWords)
  const left = meanwhile.length > 0 ? `Until Undo it is left so: ${meanwhile.join('; ')}. ` : ''
  return button({
    action: ACTIONS.abort,
    label: 'Stop after this step',
    value: `${id}/${number}`,
    style: 'danger',
    confirm: {
      title: 'Stop here?',
      text: `${left}${begun}${before}Nothing else is begun. The way back is a plan with its own signatures.`,
      yes: 'Stop',
    },
  })
}

/** Of a step that people do, while it is its turn. */
export function stepDone(
  incident: Incident,
  { plan, step }: { readonly plan: number; readonly step: number },
): readonly Button[] {
  if (incidentCan.stepDone(incident, { plan, step }) !== true) return []
  const value = `${incident.id}/${plan}/${step}`
  return [button({ action: ACTIONS.stepDone, label: 'Done', value, style: 'primary' })]
}

export function undo(incident: Incident, state: PlanState, approval: ApprovalSettings): Button[] {
  const { number } = state
  if (!hasApprovers(approval) || wasUndone(incident, number)) return []
  if (incidentCan.undo(incident, number) !== true) return []
  return [
    button({
      action: ACTIONS.undo,
      label: 'Undo',
      value: `${incident.id}/${number}`,
      ...replacing(incident, { kind: 'undo', plan: number }),
    }),
  ]
}

/** The same request, as long as no newer plan took its place. */
function planAgain(incident: Incident, state: PlanState, approval: ApprovalSettings): Button[] {
  const { number } = state
  const over = state.ended !== null || state.run?.ended != null
  if (!over || !hasApprovers(approval)) return []
  if (incidentCan.planAgain(incident, number) !== true) return []
  return [
    button({ action: ACTIONS.planAgain, label: 'Plan again', value: `${incident.id}/${number}` }),
  ]
}

export function hasApprovers({ users, groups }: ApprovalSettings): boolean {
  return users.length + groups.length > 0
}

/** A new plan would take the place of one that people are signing. */
function replacing(incident: Incident, request: PlanRequest) {
  const current = activePlans(incident).findLast((state) => {
    return isGateOpen(state) && touchSame(incident, state.request, request)
  })
  if (!current) return {}
  return {
    confirm: {
      title: 'Prepare the way back?',
      text: `Plan ${current.number} still waits for signatures. It would be withdrawn.`,
      yes: 'Prepare it',
    },
  }
}

export function row(elements: readonly Button[]): KnownBlock[] {
  return elements.length > 0 ? [actions(...elements)] : []
}
