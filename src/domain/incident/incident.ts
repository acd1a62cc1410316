import type { Assessment } from '../assessment/assessment.ts'
import type { ChecklistItem } from './checklist.ts'
import type { Event, Surface } from './event.ts'
import type { Place, ReceivedIntent } from './intent.ts'
import type { PlanState } from '../plan/plan-state.ts'
import type { Severity } from '../assessment/rule.ts'
import type { StatusPrompt, StatusStage } from './status-page.ts'
import type { Symptom } from '../assessment/symptom.ts'
import type { Watch } from '../watch/watch.ts'

/** Where a message of the incident stands. `posting`: sent or about to be, and not yet known to exist. */
export type Message =
  | { readonly kind: 'posting'; readonly place: Place; readonly since: string }
  | {
      readonly kind: 'posted'
      readonly channel: string
      readonly ts: string
      readonly at: string
    }

type Declaration = {
  readonly by: string
  readonly at: string
  readonly channel: string
  readonly title: string
  readonly severity: Severity | null
  readonly description: string
  readonly services: readonly string[]
  readonly procedure: string | null
  readonly toVersion: string | null
}

/** One thing that happened, for the card's timeline. */
export type Moment = { readonly at: string; readonly sequence: number; readonly event: Event }

/** One production problem, folded from its events. Undeclared until a person declares it. */
export type Incident = {
  readonly id: string
  /** The last event seen; an append names it (J2). */
  readonly sequence: number
  /** When the last event was written; empty before the first. */
  readonly changedAt: string
  readonly opened: { readonly by: string; readonly at: string; readonly place: Place } | null
  readonly symptoms: readonly Symptom[]
  readonly assessment: Assessment | null
  /** When the assessment that has not come yet was asked for. */
  readonly assessmentDueSince: string | null
  /** Who asked for the latest assessment, or the one that is due. */
  readonly assessmentAskedBy: string | null
  readonly declared: Declaration | null
  readonly closed: { readonly by: string; readonly at: string } | null
  /** In the order they were asked for; the last one is the one that counts. */
  readonly plans: readonly PlanState[]
  /** The newest one. */
  readonly watch: Watch | null
  readonly ticked: { readonly [I in ChecklistItem]?: { readonly by: string; readonly at: string } }
  readonly statusPage: { readonly [S in StatusStage]?: StatusPrompt }
  readonly messages: { readonly [S in Surface]?: Message }
  /** Received, and neither accepted nor refused yet. */
  readonly undecided: readonly ReceivedIntent[]
  readonly timeline: readonly Moment[]
}

export function newIncident(id: string): Incident {
  return {
    id,
    sequence: 0,
    changedAt: '',
    opened: null,
    symptoms: [],
    assessment: null,
    assessmentDueSince: null,
    assessmentAskedBy: null,
    declared: null,
    closed: null,
    plans: [],
    watch: null,
    ticked: {},
    statusPage: {},
    messages: {},
    undecided: [],
    timeline: [],
  }
}

/** The plan that counts: the one asked for last. */
export function currentPlan({ plans }: Incident): PlanState | null {
  return plans.at(-1) ?? null
}

/** Declared, and not closed. */
export function isOpen(incident: Incident): boolean {
  return incident.closed === null && incident.declared !== null
}
