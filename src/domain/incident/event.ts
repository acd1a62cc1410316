import { z } from 'zod'
import { Assessment } from '../assessment/assessment.ts'
import { ChecklistItem } from './checklist.ts'
import { Place, ReceivedIntent } from './intent.ts'
import { Plan, PlanRequest } from '../plan/plan.ts'
import { ProcedureName } from '../plan/feasibility.ts'
import { RefusalReason } from '../base/refusal.ts'
import { Severity } from '../assessment/rule.ts'
import { Applied, Outcome } from '../plan/run.ts'
import { StatusStage } from './status-page.ts'
import { Symptom } from '../assessment/symptom.ts'
import { Look, WatchState } from '../watch/watch.ts'

/**
 * The messages an incident keeps true. Journaled: never rename. `plan-2` is the approval card of
 * its second plan, `run-2` that plan's progress, `watch-1` the first watch over what came of it; `note-17` tells
 * what its 17th event was, in a message of its own because it has to be noticed.
 */
export const Surface = z.union([
  z.enum(['assessment-card', 'headline', 'thread-card', 'checklist']),
  z.templateLiteral(['plan-', z.int().positive()]),
  z.templateLiteral(['run-', z.int().positive()]),
  z.templateLiteral(['watch-', z.int().positive()]),
  z.templateLiteral(['note-', z.int().positive()]),
  z.templateLiteral(['status-page-', StatusStage]),
])
export type Surface = z.infer<typeof Surface>

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
  z.object({ type: z.literal('incident-opened'), by: z.string(), place: Place }),
  z.object({ type: z.literal('symptom-reported'), by: z.string(), symptom: Symptom }),
  z.object({ type: z.literal('assessment-requested'), by: z.string() }),
  z.object({ type: z.literal('assessment-taken'), assessment: Assessment }),
  z.object({
    type: z.literal('incident-declared'),
    by: z.string(),
    /** The channel that carries the headline. */
    channel: z.string(),
    title: z.string(),
    severity: Severity.nullable(),
    description: z.string(),
    services: z.array(z.string()),
    procedure: ProcedureName.nullable(),
    toVersion: z.string().nullable(),
  }),
  z.object({ type: z.literal('incident-closed'), by: z.string() }),
  z.object({
    type: z.literal('plan-requested'),
    ...Plans,
    by: z.string(),
    human: z.string(),
    request: PlanRequest,
  }),
  z.object({ type: z.literal('plan-infeasible'), ...Plans, because: z.string() }),
  z.object({ type: z.literal('plan-proposed'), ...Plans, proposal: Plan }),
  z.object({
    type: z.literal('plan-prepared'),
    ...Plans,
    what: z.enum(['evidence', 'rehearsal']),
    ok: z.boolean(),
    says: z.string(),
  }),
  z.object({
    type: z.literal('plan-approved'),
    ...Plans,
    by: z.string(),
    human: z.string(),
    digest: z.string(),
    expiresAt: z.iso.datetime(),
  }),
  z.object({ type: z.literal('approval-expired'), ...Plans, by: z.string() }),
  z.object({ type: z.literal('plan-denied'), ...Plans, by: z.string() }),
  z.object({ type: z.literal('plan-voided'), ...Plans, because: z.array(z.string()) }),
  z.object({ type: z.literal('plan-withdrawn'), ...Plans, by: z.string() }),
  z.object({ type: z.literal('signatures-missing'), ...Plans, call: z.int().positive() }),
  z.object({ type: z.literal('run-held'), ...Plans, by: z.string() }),
  z.object({ type: z.literal('run-started'), ...Plans }),
  z.object({ type: z.literal('step-started'), ...Steps }),
  z.object({ type: z.literal('step-waiting'), ...Steps, because: z.string() }),
  z.object({ type: z.literal('step-progressed'), ...Steps, says: z.string() }),
  z.object({ type: z.literal('step-succeeded'), ...Steps, applied: z.boolean(), says: z.string() }),
  z.object({ type: z.literal('step-failed'), ...Steps, applied: Applied, says: z.string() }),
  z.object({ type: z.literal('abort-requested'), ...Plans, by: z.string() }),
  z.object({ type: z.literal('run-ended'), ...Plans, outcome: Outcome, says: z.string() }),
  z.object({ type: z.literal('watch-started'), ...Watches, plan: z.int().positive().nullable() }),
  z.object({ type: z.literal('watch-looked'), ...Watches, look: Look }),
  z.object({ type: z.literal('watch-turned'), ...Watches, to: WatchState }),
  z.object({ type: z.literal('watch-ended'), ...Watches, because: z.enum(['over', 'stopped']) }),
  z.object({ type: z.literal('item-ticked'), item: ChecklistItem, by: z.string() }),
  z.object({
    type: z.literal('status-draft-edited'),
    stage: StatusStage,
    by: z.string(),
    text: z.string(),
  }),
  z.object({
    type: z.literal('status-decided'),
    stage: StatusStage,
    by: z.string(),
    decision: z.enum(['published', 'skipped']),
  }),
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
