import type { Surface } from './surface.ts'
import type { Place } from './place.ts'
import type { Assessment } from '../assessment/assessment.ts'
import type { Closing } from './closing.ts'
import type { ChecklistItem } from './checklist.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Event } from './event.ts'
import type { ReceivedIntent } from './intent.ts'
import type { NotedAlert } from '../alert/noted-alerts.ts'
import type { Actor } from '../base/actor.ts'
import { EMPTY_OUTBOX, type Delivery, type Outbox, type Posted } from '../outbox/outbox.ts'
import type { SentLetter } from '../outbox/letter.ts'
import type { PageKey } from '../outbox/page.ts'
import { isActive, type PlanState } from '../plan/plan-state.ts'
import { isRunning } from '../plan/run.ts'
import { NO_REPORT, type ReportState } from './report-state.ts'
import type { Severity } from '../assessment/rule.ts'
import type { StatusPrompt, StatusStage } from './status-page.ts'
import type { Symptom } from '../assessment/symptom.ts'
import type { Verification } from '../verification/verification.ts'
import type { Watch } from '../watch/watch.ts'

/** Where a message of the incident stands. */
export type Message = Delivery<'message'>

type Declaration = {
  readonly by: Actor
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
  readonly opened: {
    readonly by: Actor
    readonly at: string
    readonly place: Place
    /** `null`: in a journal of before there were several. */
    readonly environment: string | null
  } | null
  readonly symptoms: readonly Symptom[]
  /** In the order in which they fired last. */
  readonly alerts: readonly NotedAlert[]
  /** So many came with them and are not noted one by one. */
  readonly alertsLeftOut: number
  readonly assessment: Assessment | null
  /** When the assessment that has not come yet was asked for. */
  readonly assessmentDueSince: string | null
  /** Who asked for the latest assessment, or the one that is due. */
  readonly assessmentAskedBy: Actor | null
  readonly declared: Declaration | null
  readonly closed: {
    readonly by: Actor
    readonly at: string
    /** `null`: nobody was asked. */
    readonly closing: Closing | null
  } | null
  /** A person has said so: what goes before the newest assessment. */
  readonly severitySet: Severity | null
  /** Since when what a plan has suspended works by itself again, by its name, and no plan let it. */
  readonly resumedElsewhere: Readonly<Record<string, string>>
  /** By a person's word. */
  readonly fixDeployed: { readonly by: Actor; readonly at: string } | null
  /** Who says where it goes now; `null`: nobody has taken that on yet. */
  readonly lead: { readonly by: Actor; readonly at: string } | null
  /** In the order they were asked for. */
  readonly plans: readonly PlanState[]
  /** Who knows that asking for another plan takes the place of a signed one, since the last signature. */
  readonly toldOfSignatures: readonly Actor[]
  /** The newest one. */
  readonly watch: Watch | null
  /** `null`: nothing was to be verified yet. */
  readonly verification: Verification | null
  readonly ticked: { readonly [I in ChecklistItem]?: { readonly by: Actor; readonly at: string } }
  readonly statusPage: { readonly [S in StatusStage]?: StatusPrompt }
  /** What was sent to each list of key customers, one after the other; more where one was refused or lost. */
  readonly letters: { readonly [list: string]: readonly SentLetter[] }
  readonly report: ReportState
  /** Since it was opened last, what its thread was told of the journal. */
  readonly checkpoints: readonly Checkpoint[]
  readonly outbox: Outbox
  /** Which calls somebody has answered in the pager, by the key of the call. */
  readonly pagesAcknowledged: {
    readonly [Key in PageKey]?: { readonly by: string | null; readonly at: string }
  }
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
    alerts: [],
    alertsLeftOut: 0,
    assessment: null,
    assessmentDueSince: null,
    assessmentAskedBy: null,
    declared: null,
    closed: null,
    severitySet: null,
    resumedElsewhere: {},
    fixDeployed: null,
    lead: null,
    plans: [],
    toldOfSignatures: [],
    watch: null,
    verification: null,
    ticked: {},
    statusPage: {},
    letters: {},
    report: NO_REPORT,
    checkpoints: [],
    outbox: EMPTY_OUTBOX,
    pagesAcknowledged: {},
    undecided: [],
    timeline: [],
  }
}

/** `null`: of no plan, or of one that nobody asked for. */
export function planOf({ plans }: Incident, number: number | null): PlanState | null {
  return (number === null ? undefined : plans[number - 1]) ?? null
}

/** The plans that people or the world still have to do with. */
export function activePlans({ plans }: Incident): readonly PlanState[] {
  return plans.filter(isActive)
}

/** The plan that people look at: what is carried out, else what waits for them, else the newest. */
export function leadingPlan(incident: Incident): PlanState | null {
  const active = activePlans(incident)
  const running = active.findLast(({ run }) => isRunning(run))
  return running ?? active.at(-1) ?? incident.plans.at(-1) ?? null
}

export function isAnyRunning({ plans }: Incident): boolean {
  return plans.some(({ run }) => isRunning(run))
}

export function messageOf({ outbox }: Incident, surface: Surface): Message | undefined {
  return outbox.message[surface]
}

/** Where the message stands in Slack; `null` while it is not known to be there. */
export function postedAs(incident: Incident, surface: Surface): Posted | null {
  const message = messageOf(incident, surface)
  return message?.kind === 'delivered' ? message.receipt : null
}

/** Declared, and not closed. */
export function isOpen(incident: Incident): boolean {
  return incident.closed === null && incident.declared !== null
}
