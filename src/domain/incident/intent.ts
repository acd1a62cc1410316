import { PlanRequest } from '../plan/plan-request.ts'
import { z } from 'zod'
import { Alert } from '../alert/alert.ts'
import { Actor } from '../base/actor.ts'
import { Via } from '../base/via.ts'
import { Closing, Edit } from './closing.ts'
import { ChecklistItem } from './checklist.ts'
import { ProcedureName } from '../plan/requests.ts'
import { Place } from './place.ts'
import { ListId } from '../outbox/letter.ts'
import { StatusStage } from './status-page.ts'
import { Symptom } from '../assessment/symptom.ts'

/** What a person wants of an incident. Journaled before it is acknowledged (J8), decided after. */
export const Intent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('assess'), symptoms: z.array(Symptom) }),
  z.object({
    kind: z.literal('start'),
    description: z.string(),
    services: z.array(z.string()),
    symptoms: z.array(Symptom),
    procedure: ProcedureName.nullable(),
    toVersion: z.string().nullable(),
  }),
  /** What another system tells of one alert: `more` and `over` as in `alert-fired`. */
  z.object({
    kind: z.literal('note-alert'),
    alert: Alert,
    more: z.int().positive().optional(),
    over: z.literal(true).optional(),
    /** It was told to have ended, and fires on, of the same start. */
    again: z.literal(true).optional(),
  }),
  z.object({ kind: z.literal('declare') }),
  z.object({ kind: z.literal('check-again') }),
  z.object({ kind: z.literal('report-symptom'), symptom: Symptom }),
  z.object({ kind: z.literal('retract-symptom'), symptom: Symptom }),
  z.object({ kind: z.literal('close'), closing: Closing.optional() }),
  z.object({ kind: z.literal('reopen') }),
  z.object({ kind: z.literal('edit'), edit: Edit }),
  z.object({ kind: z.literal('fix-deployed') }),
  /** From now on it is this person who says where the incident goes. */
  z.object({ kind: z.literal('take-lead') }),
  z.object({ kind: z.literal('plan'), request: PlanRequest }),
  /** The same request as that plan's, against the world as it is now. */
  z.object({ kind: z.literal('plan-again'), plan: z.int().positive() }),
  /** `digest`: of the plan as the pressed card showed it. */
  z.object({
    kind: z.literal('approve'),
    plan: z.int().positive(),
    digest: z.string(),
    /** When the plan was shown to this very person; left out: when its card stood in Slack. */
    shownAt: z.iso.datetime().optional(),
  }),
  z.object({
    kind: z.literal('deny'),
    plan: z.int().positive(),
    digest: z.string(),
    /** Left out where nobody said why. */
    reason: z.string().optional(),
  }),
  /** `null`: the one that is under way; typed, or pressed on a card of before there were several. */
  z.object({ kind: z.literal('abort'), plan: z.int().positive().nullable().default(null) }),
  /** What people do of a plan is done, says one of them. */
  z.object({
    kind: z.literal('step-done'),
    plan: z.int().positive(),
    step: z.int().min(0),
  }),
  z.object({ kind: z.literal('watch'), on: z.boolean() }),
  /** What happened at a time that a person gives; `link`: to the message that says so. */
  z.object({
    kind: z.literal('add-to-timeline'),
    at: z.iso.datetime(),
    text: z.string(),
    link: z.string().optional(),
  }),
  z.object({ kind: z.literal('write-report') }),
  z.object({ kind: z.literal('report-published') }),
  z.object({ kind: z.literal('tick'), item: ChecklistItem }),
  /** Everything that is verified after a rollback, now. */
  z.object({ kind: z.literal('verify') }),
  z.object({ kind: z.literal('tick-verified'), item: z.string() }),
  z.object({ kind: z.literal('edit-status'), stage: StatusStage, text: z.string() }),
  /** `digest`: of the text as the pressed card showed it. */
  z.object({ kind: z.literal('publish-status'), stage: StatusStage, digest: z.string() }),
  /** `digest`: of the letter, and of who gets it, as the pressed card showed them. */
  z.object({ kind: z.literal('send-letter'), list: ListId, digest: z.string() }),
  z.object({
    kind: z.literal('decide-status'),
    stage: StatusStage,
    decision: z.enum(['published', 'skipped']),
  }),
])
export type Intent = z.infer<typeof Intent>

/** An intent with who and where from. `delivery` is Slack's own key: the same delivery twice is one wish. */
export const ReceivedIntent = z.object({
  delivery: z.string(),
  by: Actor,
  place: Place,
  /** The card that was pressed: its timestamp in `place.channel`. `null`: typed, not pressed. */
  card: z.string().nullable(),
  intent: Intent,
  /** Left out: by Slack. */
  via: Via.optional(),
})
export type ReceivedIntent = z.infer<typeof ReceivedIntent>
