import { PlanEvents } from '../plan/plan-events.ts'
import { z } from 'zod'
import { Assessment } from '../assessment/assessment.ts'
import { Alert } from '../alert/alert.ts'
import { Actor } from '../base/actor.ts'
import { ChecklistItem } from './checklist.ts'
import { Checkpoint } from './checkpoint.ts'
import { OutboxEvents } from '../outbox/outbox.ts'
import { Letter } from '../outbox/letter.ts'
import { StatusPost } from '../outbox/status-post.ts'
import { PageKey } from '../outbox/page.ts'
import { ReceivedIntent } from './intent.ts'
import { OwnerName } from '../plan/owner.ts'
import { Place } from './place.ts'
import { ProcedureName } from '../plan/requests.ts'
import { RefusalReason } from '../base/refusal.ts'
import { Severity } from '../assessment/rule.ts'
import { Closing, Edit } from './closing.ts'
import { StatusStage } from './status-page.ts'
import { Surface } from './surface.ts'
import { Symptom } from '../assessment/symptom.ts'
import { Schedule } from '../watch/schedule.ts'
import { ItemResult, VerificationCause, VerificationItem } from '../verification/item.ts'
import { Look, WatchState } from '../watch/watch.ts'

const Watches = { watch: z.int().positive() }

/** What happened. Past tense; names are journaled and never renamed. */
export const Event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('intent-received'), received: ReceivedIntent }),
  z.object({
    type: z.literal('intent-refused'),
    delivery: z.string(),
    reason: RefusalReason,
    detail: z.string().nullable(),
  }),
  z.object({ type: z.literal('intent-accepted'), delivery: z.string() }),
  z.object({
    type: z.literal('incident-opened'),
    by: Actor,
    place: Place,
    /** Left out in journals of before there were several. */
    environment: z.string().optional(),
  }),
  z.object({ type: z.literal('symptom-reported'), by: Actor, symptom: Symptom }),
  z.object({ type: z.literal('symptom-retracted'), by: Actor, symptom: Symptom }),
  z.object({
    type: z.literal('alert-fired'),
    by: Actor,
    alert: Alert,
    /** Came with it, or belong to it, and are not noted one by one. */
    more: z.int().positive().optional(),
    /** Of another group: too many incidents were opened by alerts already. */
    over: z.literal(true).optional(),
  }),
  z.object({ type: z.literal('alert-ended'), by: Actor, alert: Alert }),
  z.object({ type: z.literal('assessment-requested'), by: Actor }),
  z.object({ type: z.literal('assessment-taken'), assessment: Assessment }),
  z.object({
    type: z.literal('incident-declared'),
    by: Actor,
    /** The channel that carries the headline. */
    channel: z.string(),
    title: z.string(),
    severity: Severity.nullable(),
    description: z.string(),
    services: z.array(z.string()),
    procedure: ProcedureName.nullable(),
    toVersion: z.string().nullable(),
  }),
  z.object({
    type: z.literal('incident-closed'),
    by: Actor,
    /** Left out in journals of before anybody was asked. */
    closing: Closing.optional(),
  }),
  z.object({ type: z.literal('incident-reopened'), by: Actor }),
  /** Only what is changed. */
  z.object({ type: z.literal('incident-edited'), by: Actor, edit: Edit }),
  /** What a plan has suspended works by itself again, and no plan has let it. */
  z.object({ type: z.literal('resumed-elsewhere'), owner: OwnerName }),
  /** By a person's word: the version that was rolled back from has a successor that may be deployed. */
  z.object({ type: z.literal('fix-deployed'), by: Actor }),
  /** `from`: who has led until now; left out where nobody has. */
  z.object({ type: z.literal('lead-taken'), by: Actor, from: Actor.optional() }),
  ...PlanEvents,
  z.object({
    type: z.literal('watch-started'),
    ...Watches,
    plan: z.int().positive().nullable(),
    /** Left out in journals of before a watch lasted longer than half an hour. */
    schedule: Schedule.optional(),
  }),
  z.object({ type: z.literal('watch-looked'), ...Watches, look: Look }),
  z.object({
    type: z.literal('watch-turned'),
    ...Watches,
    to: WatchState,
    /** Nobody has looked since then: Backout was away, or its machine slept. */
    unseenSince: z.iso.datetime().optional(),
    /** What was bad, where it is a relapse; left out in old journals. */
    moved: z.array(z.string()).optional(),
    /** It is one because data of one organisation was shown to another. */
    leak: z.literal(true).optional(),
  }),
  z.object({ type: z.literal('watch-ended'), ...Watches, because: z.enum(['over', 'stopped']) }),
  z.object({
    type: z.literal('verification-requested'),
    by: Actor,
    cause: VerificationCause,
    /** All that is to be verified, as the settings had it then. */
    items: z.array(VerificationItem),
    /** Of them, what Backout measures this time. */
    measured: z.array(z.string()),
    /** `stable/2`: what it was asked for by itself, so that it is asked once. */
    askedFor: z.string().optional(),
  }),
  z.object({ type: z.literal('verification-taken'), results: z.array(ItemResult) }),
  /** A person has looked at what could not be measured. */
  z.object({
    type: z.literal('verification-ticked'),
    item: z.string(),
    title: z.string(),
    by: Actor,
  }),
  /** `at`: when it happened, as they say; not when it was written down. */
  z.object({
    type: z.literal('moment-added'),
    by: Actor,
    at: z.iso.datetime(),
    text: z.string(),
    link: z.string().optional(),
  }),
  z.object({ type: z.literal('report-requested'), by: Actor }),
  z.object({
    type: z.literal('report-written'),
    report: z.int().positive(),
    ok: z.boolean(),
    says: z.string(),
  }),
  /** The status page promised a report, and nobody has said that it is published. */
  z.object({ type: z.literal('report-missed') }),
  z.object({ type: z.literal('report-published'), by: Actor }),
  z.object({ type: z.literal('item-ticked'), item: ChecklistItem, by: Actor }),
  z.object({
    type: z.literal('status-draft-edited'),
    stage: StatusStage,
    by: Actor,
    text: z.string(),
  }),
  z.object({
    type: z.literal('status-decided'),
    stage: StatusStage,
    by: Actor,
    decision: z.enum(['published', 'skipped']),
  }),
  /** A person had this very text published: it goes out from now on. */
  z.object({
    type: z.literal('status-publishing'),
    stage: StatusStage,
    by: Actor,
    post: StatusPost,
  }),
  /** A person had this very letter sent: it goes out from now on. */
  z.object({ type: z.literal('letter-sending'), by: Actor, letter: Letter }),
  /** The page is older than the state, and nobody has said what it should say. */
  z.object({ type: z.literal('status-overdue'), stage: StatusStage }),
  /** As the pager tells it: `by` in its own words, `null` where it names nobody. */
  z.object({
    type: z.literal('page-acknowledged'),
    key: PageKey,
    by: z.string().nullable(),
    at: z.iso.datetime(),
  }),
  ...OutboxEvents,
  // As messages were journaled before other things were sent; read, and not written any more.
  z.object({ type: z.literal('message-posting'), surface: Surface, place: Place }),
  z.object({
    type: z.literal('message-posted'),
    surface: Surface,
    channel: z.string(),
    ts: z.string(),
  }),
  z.object({ type: z.literal('message-lost'), surface: Surface, because: z.string() }),
  /** How far the whole journal was, for the thread to know. */
  z.object({ type: z.literal('checkpoint-taken'), checkpoint: Checkpoint }),
  z.object({ type: z.literal('backout-restarted') }),
])
export type Event = z.infer<typeof Event>

/** An event as it stands in the journal: where, when, and chained to what came before. */
export type JournaledEvent = {
  readonly incident: string
  /** 1, 2, 3… within the incident, without gaps (J2). */
  readonly sequence: number
  readonly at: string
  readonly event: Event
}
