import type { PersonKind } from '../domain/base/person.ts'
import type { Refusal } from '../domain/base/refusal.ts'
import type { View } from '../domain/base/view.ts'
import type { Drafted } from '../domain/outbox/status-post.ts'
import type { DraftedLetter } from '../domain/outbox/letter.ts'
import type { StatusStage } from '../domain/incident/status-page.ts'
import type { Incident } from '../domain/incident/incident.ts'
import type { Rules } from '../domain/incident/next-action.ts'
import type { Place } from '../domain/incident/place.ts'
import type { People } from '../ports/conversations.ts'
import type { Journal } from '../ports/journal.ts'
import type { Pager } from '../ports/pager.ts'
import type { KeptAnswers } from '../ports/second-factor.ts'
import type { World } from '../ports/world.ts'
import type { Courier } from './outbox/couriers.ts'
import type { AlertSettings } from '../domain/alert/settings.ts'
import type { SignCheckpoint } from './record-checkpoints.ts'
import type { News } from './journal/follow-others.ts'
import type { JournalTold } from './journal/journal-told.ts'
import type { RecordAlerts } from './record-alerts.ts'
import type { Members, Rights } from './rights.ts'
import type { Publishing } from './publish/publishing.ts'
import type { OpenTogether } from './open-together.ts'
import type { RecordIntent } from './record-intent.ts'
import type { Observers } from './record-observations.ts'
import type { AcceptedWords } from './tell-accepted.ts'
import type { Runbook } from './run/runbook.ts'
import type { SteadyClock } from './steady-clock.ts'

export type EngineDeps = Omit<Publishing, 'incidents' | 'stopped' | 'breathe' | 'cannotPost'> & {
  readonly journal: Journal
  /** What was said of it; left out: no engine of the process was before this one. */
  readonly told?: JournalTold | undefined
  readonly clock: SteadyClock
  readonly people: People
  /** What Slack has said of people, for those who sign without it; left out: nobody does. */
  readonly keptAnswers?: KeptAnswers | undefined
  readonly rules: Rules
  /** Where several engines are in one process, they share their turns; left out: this one is alone. */
  readonly breathe?: (() => Promise<void>) | undefined
  /** What steps look at and write to. */
  readonly world: () => Promise<World>
  readonly runbook: () => Promise<Runbook>
  readonly observers: Observers
  readonly renderRefusal: (refusal: Refusal) => View
  readonly accepted: AcceptedWords
  /** How what is no message is sent outward. */
  readonly couriers: readonly Courier[]
  /** The public status page; left out where there is none. */
  readonly statusPage?: {
    readonly drafted: DraftPost
    /** Who may publish, beside the approvers. */
    readonly publishers: Members
  }
  /** Letters to key customers; left out where there is no mail server. */
  readonly letters?: {
    readonly drafted: DraftLetter
    /** Who may send them, beside the approvers. */
    readonly publishers: Members
  }
  /** What calls people; asked whether somebody has answered. */
  readonly pagers: readonly Pager[]
  /** Left out where the installation has no key for it. */
  readonly signCheckpoint?: SignCheckpoint
  /** Asked right before each write to production; left out: no other process acts. */
  readonly mayAct?: (() => boolean) | undefined
  readonly newIncidentId: () => string
  readonly alerts: AlertSettings
  readonly environment: string
  readonly headlineChannel: string
}

/** What the status page would be told at a stage, by the journal as it is. Pure. */
export type DraftPost = (incident: Incident, stage: StatusStage) => Drafted

/** What would be sent to a list of key customers, by the journal as it is; `null`: there is no such list. Pure. */
export type DraftLetter = (incident: Incident, list: string) => DraftedLetter | null

export type Engine = RecordIntent &
  RecordAlerts &
  OpenTogether & {
    /** Carries on with the incident until only a person or the clock can. Returns at once. */
    wake(incident: string): void
    /** Takes up everything that a process before this one left. */
    resume(): Promise<void>
    /** Instead of `resume`, where another process acts: reads what is open, and does nothing for it. */
    lookOn(): Promise<void>
    /** Reads what other processes have written; of which incidents. Does nothing for them. Never throws. */
    follow(): Promise<News>
    /** The clock says "it is now": whatever stalled is tried again. */
    tick(): void
    /** `null`: there is none, or its events cannot be read, which is reported. */
    load(incident: string): Promise<Incident | null>
    /** The newest declared ones, the newest first. */
    declared(count: number): Promise<readonly Incident[]>
    /** Those with an event in the last so many milliseconds of the journal, declared or not, as they stand there now. */
    lately(lastMs: number): Promise<readonly Incident[]>
    /** Those that are not closed. */
    open(): readonly Incident[]
    /** Those whose events could not be read. Nothing is done for them. */
    unreadable(): readonly string[]
    /** Who is behind an account, read live; `unknown` when Slack does not say in time. */
    whoIs(user: string): Promise<PersonKind>
    /** What their signature counts for now, read live. */
    approver: Rights['approver']
    /** The same of somebody who did not come by Slack: as it was last known where it does not answer. */
    approverOutside: Rights['approver']
    /** Reads who signs, where one person has several ids. What it finds amiss is logged. Never throws. */
    readDirectory(): Promise<void>
    /** The declared incident whose thread this is. Throws where it cannot be read. */
    inThread(place: Place): Promise<Incident | null>
    /** Resolves when everything under way has come to rest. */
    idle(): Promise<void>
    stop(): Promise<void>
  }
