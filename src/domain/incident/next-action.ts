import type { Event } from './event.ts'
import { escalationsDue, isSigned, type ApprovalSettings } from '../plan/gate.ts'
import { currentPlan, isOpen, type Incident } from './incident.ts'
import type { ReceivedIntent } from './intent.ts'
import { isGateOpen, wantsEvidence, type PlanState } from '../plan/plan-state.ts'
import { isRunning } from '../plan/run.ts'
import { dueLook, isOver } from '../watch/watch.ts'
import { toMs } from '../base/instant.ts'

/** What is done for an incident beside everything else, so that nothing slow holds it up (J9). */
export type Work = 'assess' | 'resolve-plan' | 'collect-evidence' | 'rehearse' | 'run' | 'look'

export type NextAction =
  | { readonly kind: 'decide'; readonly received: ReceivedIntent }
  /** What the clock alone has made true. */
  | { readonly kind: 'record'; readonly events: readonly Event[] }
  | { readonly kind: 'work'; readonly works: readonly Work[] }
  /** Only a person or the clock moves it on (J6). */
  | { readonly kind: 'wait' }

export type Rules = {
  readonly approval: ApprovalSettings
  /** How long signed work waits for its evidence, from the proposal on. */
  readonly evidenceDeadlineMs: number
}

/** What the incident asks for now. After a crash the answer is the same as before it (J4). */
export function nextAction(incident: Incident, nowMs: number, rules: Rules): NextAction {
  const [received] = incident.undecided
  if (received) return { kind: 'decide', received }
  const events = due(incident, nowMs, rules)
  if (events.length > 0) return { kind: 'record', events }
  const works = worksOf(incident, nowMs, rules)
  return works.length > 0 ? { kind: 'work', works } : { kind: 'wait' }
}

function worksOf(incident: Incident, nowMs: number, rules: Rules): Work[] {
  const { watch, closed } = incident
  const plan = currentPlan(incident)
  return [
    ...(incident.assessmentDueSince === null ? [] : (['assess'] as const)),
    ...(plan && !closed ? planWorks(plan, nowMs, rules) : []),
    ...(watch && !closed && dueLook(watch, nowMs) !== null ? (['look'] as const) : []),
  ]
}

function planWorks(state: PlanState, nowMs: number, rules: Rules): Work[] {
  if (isRunning(state.run)) return ['run']
  if (state.ended || state.run) return []
  if (!state.plan) return ['resolve-plan']
  return [
    ...(state.evidence || !wantsEvidence(state) ? [] : (['collect-evidence'] as const)),
    ...(state.rehearsal ? [] : (['rehearse'] as const)),
    ...(mayStart(state, nowMs, rules) ? (['run'] as const) : []),
  ]
}

/** Signed, and the evidence is safe or has had its time. That it still fits the world is asked later. */
export function mayStart(
  state: PlanState,
  nowMs: number,
  { evidenceDeadlineMs }: Pick<Rules, 'evidenceDeadlineMs'>,
): boolean {
  const waited = nowMs >= toMs(state.proposedAt) + evidenceDeadlineMs
  const kept = state.evidence !== null || !wantsEvidence(state)
  return isGateOpen(state) && isSigned(state, nowMs) && (kept || waited)
}

/** Times that have come: they are in the journal, so that a restart loses none (J6). */
function due(incident: Incident, nowMs: number, rules: Rules): Event[] {
  if (incident.closed) return []
  const { watch } = incident
  const state = currentPlan(incident)
  return [
    ...(state && isGateOpen(state) ? gateTimes(state, nowMs, rules) : []),
    ...(watch && !watch.ended && isOver(watch, nowMs) && dueLook(watch, nowMs) === null
      ? [{ type: 'watch-ended' as const, watch: watch.number, because: 'over' as const }]
      : []),
  ]
}

function gateTimes(state: PlanState, nowMs: number, { approval }: Rules): Event[] {
  const plan = state.number
  const expired = state.approvals.filter(({ expiresAt }) => nowMs >= toMs(expiresAt))
  const call = escalationsDue(state, nowMs, approval)
  return [
    ...expired.map(({ by }): Event => ({ type: 'approval-expired', plan, by })),
    ...(call > state.escalations ? [{ type: 'signatures-missing' as const, plan, call }] : []),
  ]
}

/** Whether a starting process has to take it up: people work on it, or something is owed. */
export function needsCare(incident: Incident): boolean {
  return isOpen(incident) || incident.undecided.length > 0 || incident.assessmentDueSince !== null
}
