import { leadingPlan, newIncident, type Incident } from '../../../src/domain/incident/incident.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { ApprovalSettings } from '../../../src/domain/plan/gate.ts'
import { happen, planFor } from '../gate-model.ts'

/*
 * The gate with two processes on one journal, one of which is frozen in the middle of it, and with people who sign
 * without Slack, as the page does. Who they are and what they may do is asked by the real code.
 */

const GROUP = 'S0APPROVERS'
export const SIGNERS = ['U0ANA', 'U0BO', 'U0GUS', 'U0REQ']
/** After it every signature that was there has expired. */
export const STEP_MS = 15 * 60_000
export const START_MS = Date.UTC(2026, 10, 22)

export const approval = ApprovalSettings.parse({ groups: [GROUP], readSeconds: 0, escalation: [] })
export const rules = { approval, evidenceDeadlineMs: 60_000, watchHours: 0 }

/** What a process holds in its hands between two questions. */
export type Hands =
  | { readonly kind: 'empty' }
  /** The last question was answered well, in that world. */
  | { readonly kind: 'checked'; readonly world: number; readonly untilMs: number }
  /** The write is under way. */
  | { readonly kind: 'sent'; readonly world: number }

export type Process = {
  readonly hands: Hands
  /** Frozen, or thawed and not told yet: the journal as it was then. `null`: it follows. */
  readonly saw: Incident | null
  readonly isFrozen: boolean
}

export type Moment = {
  readonly incident: Incident
  readonly nowMs: number
  /** Which template runs; `back`: what the plan writes. */
  readonly world: number | 'back'
  readonly gusLeft: boolean
  /** `null`: Slack answers. Else whether Gus might sign when it last did, and whether that is too old. */
  readonly away: { readonly gusIn: boolean; readonly isOld: boolean } | null
  readonly acting: 0 | 1
  readonly processes: readonly [Process, Process]
  readonly written: number
}

export type Which = 0 | 1

/** What one move comes to. */
export type Moved = {
  readonly moment: Moment
  /** What must never be; empty: all is well. */
  readonly wrong: readonly string[]
  /** Worth counting, so that a model in which nothing happens is no proof. */
  readonly happened:
    | 'sent'
    | 'sent without Slack'
    | 'written'
    | 'came too late'
    | 'may not act'
    | null
}

export const EMPTY: Process = { hands: { kind: 'empty' }, saw: null, isFrozen: false }

export function beginning(): Moment {
  const place = { channel: 'C0', thread: null }
  const by = 'U0REQ'
  const declared = { title: '', severity: null, description: '' } as const
  const request = { kind: 'kubernetes', toVersion: null } as const
  const incident = happen(
    newIncident('model'),
    [
      { type: 'incident-opened', by, place },
      {
        type: 'incident-declared',
        by,
        channel: 'C0',
        ...declared,
        services: [],
        procedure: null,
        toVersion: null,
      },
      { type: 'plan-requested', plan: 1, request, by, human: emailOf(by) },
      { type: 'plan-proposed', plan: 1, proposal: planFor(1) },
      { type: 'plan-prepared', plan: 1, what: 'evidence', ok: true, says: '' },
    ],
    START_MS,
  )
  const processes = [EMPTY, EMPTY] as const
  const world = { world: 1, gusLeft: false, away: null, written: 0 } as const
  return { incident, nowMs: START_MS, ...world, acting: 0, processes }
}

export function emailOf(user: string): string {
  return `${user}@pipeshub.example`
}

export function withProcess(moment: Moment, by: Which, process: Process): Moment {
  const [first, second] = moment.processes
  return { ...moment, processes: by === 0 ? [process, second] : [first, process] }
}

/** What is appended names the event that was seen last: whoever loses has read again. */
export function appended(
  moment: Moment,
  by: Which,
  hands: Hands,
  events: readonly Event[],
): Moment {
  const process = moment.processes[by]
  const next = withProcess(moment, by, { ...process, hands, saw: null })
  return { ...next, incident: happen(moment.incident, events, moment.nowMs) }
}

/** Nothing should be written any more, whatever happens: what is tried from there all the same ends there. */
export function isOver({ incident, processes, world, nowMs, acting }: Moment): boolean {
  if (processes.some(({ hands }) => hands.kind === 'sent')) return false
  const state = leadingPlan(incident)
  const isStopped = state?.ended != null || state?.run?.ended != null || state?.run?.abort != null
  const isSignedNoMore = processes[0].saw !== null || acting === 1
  return world !== 1 || isStopped || (isSignedNoMore && nowMs > START_MS)
}

/** Two moments that nothing can tell apart any more. */
export function fingerprint(moment: Moment): string {
  const { incident, nowMs, processes, world, gusLeft, away, acting, written } = moment
  const left = (ms: number) => Math.max(0, ms - nowMs)
  const shown = (seen: Incident | null) => {
    const state = seen && leadingPlan(seen)
    if (!state) return null
    const { run, ended, approvals } = state
    const signatures = approvals.map(({ by, via, expiresAt }) => [
      by,
      via,
      left(Date.parse(expiresAt)),
    ])
    const steps = run?.steps.map(({ kind }) => kind)
    return [ended?.kind, run?.ended?.outcome, run?.abort != null, steps, signatures.toSorted()]
  }
  const hands = processes.map((one) => [
    one.hands.kind === 'checked' ? { ...one.hands, untilMs: left(one.hands.untilMs) } : one.hands,
    shown(one.saw),
    one.isFrozen,
  ])
  const passed = nowMs - START_MS
  return JSON.stringify([shown(incident), hands, world, gusLeft, away, acting, written, passed])
}
