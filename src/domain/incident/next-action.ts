import { checkpointsDue, type CheckpointMoment } from './checkpoint.ts'
import type { Event } from './event.ts'
import { toMs } from '../base/instant.ts'
import { escalationsDue, isSigned, type ApprovalSettings } from '../plan/gate.ts'
import { isGateOpen, waitsFor, wantsEvidence, type PlanState } from '../plan/plan-state.ts'
import { isAsked, isRunning, runAction } from '../plan/run.ts'
import { isOnItsWay } from '../outbox/sending.ts'
import { dueVerification } from '../verification/due-verification.ts'
import type { VerificationItem } from '../verification/item.ts'
import { dueLook, isOver, isWatching, unseenSince, type Watch } from '../watch/watch.ts'
import { isReportMissed } from './report-state.ts'
import { activePlans, isOpen, type Incident } from './incident.ts'
import type { ReceivedIntent } from './intent.ts'
import { publicationOf } from './publication.ts'
import { stageNow } from './surfaces.ts'

/** What is done for an incident beside everything else, so that nothing slow holds it up (J9). */
export type Work =
  | { readonly kind: 'assess' | 'look' | 'verify' | 'write-report' | 'checkpoint' }
  | {
      readonly kind: 'resolve-plan' | 'collect-evidence' | 'rehearse' | 'prepare' | 'run'
      readonly plan: number
    }

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
  /** How long production is watched after a rollback; 0: for half an hour. */
  readonly watchHours: number
  /** How long the status page may be older than the state before people are reminded; left out: for ever. */
  readonly statusOverdueMs?: number
  /** What is verified after a rollback; left out: nothing is. */
  readonly verification?: readonly VerificationItem[]
  /** When people are told that no report is published; left out or 0: never. */
  readonly reportHours?: number
  /** When the thread is told how far the journal is; left out: never. */
  readonly checkpoints?: readonly CheckpointMoment[]
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
  return [
    ...(incident.assessmentDueSince === null ? [] : [{ kind: 'assess' as const }]),
    ...(incident.report.dueSince === null ? [] : [{ kind: 'write-report' as const }]),
    ...(closed ? [] : activePlans(incident).flatMap((plan) => planWorks(plan, nowMs, rules))),
    ...(watch && !closed && dueLook(watch, nowMs) !== null ? [{ kind: 'look' as const }] : []),
    ...(checkpointsDue(incident, nowMs, rules.checkpoints ?? []).length > 0
      ? [{ kind: 'checkpoint' as const }]
      : []),
    ...(incident.verification?.due && !closed ? [{ kind: 'verify' as const }] : []),
  ]
}

function planWorks(state: PlanState, nowMs: number, rules: Rules): Work[] {
  const { number: plan } = state
  if (isRunning(state.run)) return peopleAsked(state, nowMs) ? [] : [{ kind: 'run', plan }]
  if (!state.plan) return [{ kind: 'resolve-plan', plan }]
  const prepares = state.plan.preparation !== undefined && state.preparation === null
  return [
    ...(state.evidence || !wantsEvidence(state)
      ? []
      : [{ kind: 'collect-evidence' as const, plan }]),
    ...(state.rehearsal ? [] : [{ kind: 'rehearse' as const, plan }]),
    ...(prepares ? [{ kind: 'prepare' as const, plan }] : []),
    ...(mayStart(state, nowMs, rules) ? [{ kind: 'run' as const, plan }] : []),
  ]
}

/**
 * Signed, and what it makes ready is ready. The evidence is safe or has had its time; for anything
 * else there is no other time than that of the signatures. That it still fits the world is asked later.
 */
export function mayStart(
  state: PlanState,
  nowMs: number,
  { evidenceDeadlineMs }: Pick<Rules, 'evidenceDeadlineMs'>,
): boolean {
  if (!isGateOpen(state) || !isSigned(state, nowMs)) return false
  const waits = waitsFor(state)
  if (waits === null) return true
  return waits === 'evidence' && nowMs >= toMs(state.proposedAt) + evidenceDeadlineMs
}

/** Times that have come: they are in the journal, so that a restart loses none (J6). */
function due(incident: Incident, nowMs: number, rules: Rules): Event[] {
  if (incident.closed) {
    const missed = isReportMissed(incident, nowMs, rules.reportHours ?? 0)
    return missed ? [{ type: 'report-missed' }] : []
  }
  return [
    ...incident.plans.filter(isGateOpen).flatMap((state) => gateTimes(state, nowMs, rules)),
    ...incident.plans.flatMap((state) => asksPeople(state, nowMs)),
    ...watchTimes(incident.watch, nowMs),
    ...statusTimes(incident, nowMs, rules),
    ...dueVerification(incident, nowMs, rules.verification ?? []),
  ]
}

/** The step that waits for people, where one does. */
function peopleAsked({ plan, run }: PlanState, nowMs: number) {
  if (!plan || !isRunning(run)) return null
  const action = runAction(run, plan, nowMs)
  return action.kind === 'wait-for-people' ? action : null
}

/** Once: nobody watches a run for their turn to come. */
function asksPeople(state: PlanState, nowMs: number): Event[] {
  const waits = peopleAsked(state, nowMs)
  const step = waits && state.run?.steps[waits.step]
  if (!waits || !step || isAsked(step)) return []
  return [{ type: 'people-asked', plan: state.number, step: waits.step }]
}

/** Once for each stage, and only for the one that is true now. */
function statusTimes(incident: Incident, nowMs: number, { statusOverdueMs }: Rules): Event[] {
  const stage = stageNow(incident)
  const prompt = stage && incident.statusPage[stage]
  if (!prompt || prompt.decided || prompt.overdue || statusOverdueMs === undefined) return []
  const kind = publicationOf(incident, stage)?.state.kind
  // It is decided, and its card says why it waits.
  if (isOnItsWay(kind)) return []
  const late = nowMs >= toMs(prompt.dueSince) + statusOverdueMs
  return late ? [{ type: 'status-overdue', stage }] : []
}

function watchTimes(watch: Watch | null, nowMs: number): Event[] {
  if (!isWatching(watch)) return []
  const { number, state } = watch
  const unseen = unseenSince(watch, nowMs)
  const over = isOver(watch, nowMs) && dueLook(watch, nowMs) === null
  return [
    ...(unseen !== null && state !== 'blind'
      ? [
          {
            type: 'watch-turned' as const,
            watch: number,
            to: 'blind' as const,
            unseenSince: unseen,
          },
        ]
      : []),
    ...(over ? [{ type: 'watch-ended' as const, watch: number, because: 'over' as const }] : []),
  ]
}

function gateTimes(state: PlanState, nowMs: number, { approval }: Rules): Event[] {
  const plan = state.number
  const expired = state.approvals.filter(({ expiresAt }) => nowMs >= toMs(expiresAt))
  const call = escalationsDue(state, nowMs, approval)
  return [
    ...expired.map(({ by }): Event => ({ type: 'approval-expired', plan, by })),
    ...(call > state.escalations ? [{ type: 'signatures-missing' as const, plan, call }] : []),
    ...endsBy(state, nowMs, approval).map((because): Event => {
      return { type: 'plan-voided', plan, because: [because] }
    }),
  ]
}

/** Why nobody is asked to sign it any longer, one reason at most. */
function endsBy(
  state: PlanState,
  nowMs: number,
  { openHours }: Pick<ApprovalSettings, 'openHours'>,
): readonly string[] {
  // What it rests on cannot be had.
  if (state.preparation?.ok === false) return [state.preparation.says]
  const over = nowMs >= toMs(state.proposedAt) + openHours * 60 * 60_000
  return over && !isSigned(state, nowMs)
    ? [`not signed by enough people within ${openHours} h`]
    : []
}

/** Whether a starting process has to take it up: people work on it, or something is owed. */
export function needsCare(incident: Incident): boolean {
  const { undecided, assessmentDueSince, report } = incident
  const owed = undecided.length > 0 || assessmentDueSince !== null || report.dueSince !== null
  return isOpen(incident) || owed
}
