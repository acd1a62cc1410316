import { PlanRequest } from '../plan/plan-request.ts'
import { z } from 'zod'
import { Assessment } from '../assessment/assessment.ts'
import { Alert } from '../alert/alert.ts'
import { Actor } from '../base/actor.ts'
import { ChecklistItem } from './checklist.ts'
import { OutboxEvents } from '../outbox/outbox.ts'
import { SignerRole } from '../plan/signature-rule.ts'
import { ReceivedIntent } from './intent.ts'
import { Place } from './place.ts'
import { Plan } from '../plan/plan.ts'
import { ProcedureName } from '../plan/requests.ts'
import { RefusalReason } from '../base/refusal.ts'
import { Severity } from '../assessment/rule.ts'
import { Closing, Edit } from './closing.ts'
import { Applied, Outcome, Progress } from '../plan/run.ts'
import { StatusStage } from './status-page.ts'
import { Surface } from './surface.ts'
import { Symptom } from '../assessment/symptom.ts'
import { Schedule } from '../watch/schedule.ts'
import { Look, WatchState } from '../watch/watch.ts'

const Plans = { plan: z.int().positive() }
const Watches = { watch: z.int().positive() }
const Steps = { ...Plans, step: z.int().min(0) }

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
  /** By a person's word: the version that was rolled back from has a successor that may be deployed. */
  z.object({ type: z.literal('fix-deployed'), by: Actor }),
  /** `from`: who has led until now; left out where nobody has. */
  z.object({ type: z.literal('lead-taken'), by: Actor, from: Actor.optional() }),
  z.object({
    type: z.literal('plan-requested'),
    ...Plans,
    by: Actor,
    human: z.string(),
    request: PlanRequest,
    /** Who asked this time, where `by` had asked for the same before, and stays the requester. */
    again: Actor.optional(),
  }),
  z.object({ type: z.literal('plan-infeasible'), ...Plans, because: z.string() }),
  z.object({ type: z.literal('plan-proposed'), ...Plans, proposal: Plan }),
  /** Asked for once more while it waits: what its card says of the world is looked at anew. */
  z.object({ type: z.literal('plan-asked-again'), ...Plans, by: Actor }),
  /** The deed is the same still; what a person should know before signing is not. */
  z.object({ type: z.literal('plan-cautioned'), ...Plans, cautions: z.array(z.string()) }),
  z.object({
    type: z.literal('plan-prepared'),
    ...Plans,
    what: z.enum(['evidence', 'rehearsal', 'preparation']),
    ok: z.boolean(),
    says: z.string(),
  }),
  z.object({
    type: z.literal('preparation-progressed'),
    ...Plans,
    says: z.string(),
    progress: Progress.nullable(),
  }),
  z.object({
    type: z.literal('plan-approved'),
    ...Plans,
    by: Actor,
    human: z.string(),
    digest: z.string(),
    expiresAt: z.iso.datetime(),
    /** For whom the signature counts; left out in journals of before there were others than approvers. */
    roles: z.array(SignerRole).optional(),
  }),
  z.object({ type: z.literal('approval-expired'), ...Plans, by: Actor }),
  z.object({
    type: z.literal('plan-denied'),
    ...Plans,
    by: Actor,
    /** Left out where nobody said why, as in journals of before anybody was asked. */
    reason: z.string().optional(),
  }),
  z.object({ type: z.literal('plan-voided'), ...Plans, because: z.array(z.string()) }),
  z.object({ type: z.literal('plan-withdrawn'), ...Plans, by: Actor }),
  z.object({ type: z.literal('signatures-missing'), ...Plans, call: z.int().positive() }),
  /** `by`: the incident of the plan that holds a target, and `byPlan` that plan. */
  z.object({
    type: z.literal('run-held'),
    ...Plans,
    by: z.string(),
    byPlan: z.int().positive().optional(),
  }),
  z.object({ type: z.literal('run-started'), ...Plans }),
  z.object({ type: z.literal('step-started'), ...Steps }),
  z.object({ type: z.literal('step-waiting'), ...Steps, because: z.string() }),
  z.object({
    type: z.literal('step-progressed'),
    ...Steps,
    says: z.string(),
    progress: Progress.optional(),
  }),
  z.object({ type: z.literal('step-succeeded'), ...Steps, applied: z.boolean(), says: z.string() }),
  z.object({ type: z.literal('step-failed'), ...Steps, applied: Applied, says: z.string() }),
  z.object({ type: z.literal('abort-requested'), ...Plans, by: Actor }),
  z.object({ type: z.literal('run-ended'), ...Plans, outcome: Outcome, says: z.string() }),
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
  }),
  z.object({ type: z.literal('watch-ended'), ...Watches, because: z.enum(['over', 'stopped']) }),
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
