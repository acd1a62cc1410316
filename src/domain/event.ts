import { z } from 'zod'
import { Assessment } from './assessment.ts'
import { Place, ReceivedIntent } from './intent.ts'
import { ProcedureName } from './procedure.ts'
import { RefusalReason } from './refusal.ts'
import { Severity } from './rule.ts'
import { Symptom } from './symptom.ts'

/** The messages an incident keeps true. Journaled: never rename. */
export const Surface = z.enum(['assessment-card', 'headline', 'thread-card'])
export type Surface = z.infer<typeof Surface>

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
