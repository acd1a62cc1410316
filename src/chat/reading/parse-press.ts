import { procedureRequest } from '../../domain/plan/about-request.ts'
import type { Place } from '../../domain/incident/place.ts'
import { z } from 'zod'
import { ChecklistItem } from '../../domain/incident/checklist.ts'
import type { Intent } from '../../domain/incident/intent.ts'
import { BEFORE_OTHERS, ProcedureName } from '../../domain/plan/requests.ts'
import { ListId } from '../../domain/outbox/letter.ts'
import { StatusStage } from '../../domain/incident/status-page.ts'
import { Symptom } from '../../domain/assessment/symptom.ts'
import { ACTIONS } from './action-ids.ts'

const Press = z.object({
  user: z.object({ id: z.string() }),
  trigger_id: z.string(),
  container: z.object({
    message_ts: z.string(),
    channel_id: z.string().optional(),
    thread_ts: z.string().optional(),
  }),
  channel: z.object({ id: z.string() }).optional(),
  message: z.object({ thread_ts: z.string().optional() }).optional(),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        value: z.string().optional(),
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    )
    .min(1),
})

export const IncidentId = z.string().regex(/^[\w-]{1,64}$/)
const PlanNumber = z
  .string()
  .regex(/^[1-9]\d{0,5}$/)
  .transform(Number)
const Digest = z.string().regex(/^[0-9a-f]{16,128}$/)

const ALONE = z.tuple([])
const OF_PLAN = z.tuple([PlanNumber])
const StepIndex = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
const OF_STEP = z.tuple([PlanNumber, StepIndex])
const PERHAPS_OF_PLAN = z.tuple([PlanNumber.optional()])
const OF_WAY = z.tuple([ProcedureName.optional()])
/** Of a plan's card: which plan, and exactly which. */
export const OF_CARD = z.tuple([PlanNumber, Digest])
/** With `back`: it is taken back. */
const OF_SYMPTOM = z.tuple([Symptom, z.literal('back').optional()])
/** An item of the verification, as the settings called it when it was asked for. */
const OF_VERIFIED = z.tuple([z.string().regex(/^[a-z][a-z0-9-]{1,39}$/)])
const OF_STAGE = z.tuple([StatusStage])
/** Of the status card: which stage, and exactly which text. */
const OF_DRAFT = z.tuple([StatusStage, Digest])

/** Of the checklist: to which list, and exactly which letter. */
const OF_LETTER = z.tuple([ListId, Digest])

type ActionId = (typeof ACTIONS)[keyof typeof ACTIONS]

/** What opens something and wants nothing of an incident yet. */
type Opening = (typeof ACTIONS)[
  | 'refreshHome'
  | 'confirmEnrolment'
  | 'close'
  | 'edit'
  | 'editStatus'
  | 'showEvidence'
  | 'showPlan'
  | 'planPageBefore'
  | 'planPageNext']

/** What each button means, with the parts of its value that follow the incident. */
const MEANINGS = {
  [ACTIONS.declare]: means(ALONE, () => ({ kind: 'declare' })),
  [ACTIONS.checkAgain]: means(ALONE, () => ({ kind: 'check-again' })),
  [ACTIONS.reportSymptom]: means(OF_SYMPTOM, ([symptom, back]) => ({
    kind: back ? 'retract-symptom' : 'report-symptom',
    symptom,
  })),
  [ACTIONS.reopen]: means(ALONE, () => ({ kind: 'reopen' })),
  [ACTIONS.fixDeployed]: means(ALONE, () => ({ kind: 'fix-deployed' })),
  [ACTIONS.takeLead]: means(ALONE, () => ({ kind: 'take-lead' })),
  [ACTIONS.prepareRollback]: means(OF_WAY, ([procedure = BEFORE_OTHERS]) => ({
    kind: 'plan',
    request: procedureRequest(procedure, {}),
  })),
  [ACTIONS.approve]: means(OF_CARD, ([plan, digest]) => ({ kind: 'approve', plan, digest })),
  [ACTIONS.deny]: means(OF_CARD, ([plan, digest]) => ({ kind: 'deny', plan, digest })),
  [ACTIONS.planAgain]: means(OF_PLAN, ([plan]) => ({ kind: 'plan-again', plan })),
  [ACTIONS.abort]: means(PERHAPS_OF_PLAN, ([plan = null]) => ({ kind: 'abort', plan })),
  [ACTIONS.stepDone]: means(OF_STEP, ([plan, step]) => ({ kind: 'step-done', plan, step })),
  [ACTIONS.undo]: means(OF_PLAN, ([plan]) => ({ kind: 'plan', request: { kind: 'undo', plan } })),
  [ACTIONS.stopWatching]: means(ALONE, () => ({ kind: 'watch', on: false })),
  [ACTIONS.tick]: means(z.tuple([ChecklistItem]), ([item]) => ({ kind: 'tick', item })),
  [ACTIONS.publishStatus]: means(OF_DRAFT, ([stage, digest]) => ({
    kind: 'publish-status',
    stage,
    digest,
  })),
  [ACTIONS.sendLetter]: means(OF_LETTER, ([list, digest]) => ({
    kind: 'send-letter',
    list,
    digest,
  })),
  [ACTIONS.verify]: means(ALONE, () => ({ kind: 'verify' })),
  [ACTIONS.tickVerified]: means(OF_VERIFIED, ([item]) => ({ kind: 'tick-verified', item })),
  [ACTIONS.reportPublished]: means(ALONE, () => ({ kind: 'report-published' })),
  [ACTIONS.statusPublished]: means(OF_STAGE, ([stage]) => ({
    kind: 'decide-status',
    stage,
    decision: 'published',
  })),
  [ACTIONS.statusSkipped]: means(OF_STAGE, ([stage]) => ({
    kind: 'decide-status',
    stage,
    decision: 'skipped',
  })),
} satisfies Record<Exclude<ActionId, Opening>, (parts: readonly string[]) => Intent | null>

/** The buttons and selects whose press alone is a wish: a denial asks for its reason first. */
export const WISHES: readonly string[] = Object.keys(MEANINGS).filter(
  (action) => action !== ACTIONS.deny,
)

type Pressed = {
  readonly incident: string
  readonly by: string
  readonly place: Place
}

export type ParsedPress = Pressed & {
  readonly delivery: string
  readonly card: string
  readonly intent: Intent
}

/**
 * What a press of a button means; `null` when it is none of ours. Of the payload only who, where and
 * the opaque value count: no right is ever read from it.
 */
export function parsePress(payload: unknown): ParsedPress | null {
  const press = readPress(payload)
  if (!press || !isWish(press.action)) return null
  const { incident, by, place, trigger, card } = press
  const intent = MEANINGS[press.action](press.parts)
  return intent && { incident, by, place, delivery: `press:${trigger}`, card, intent }
}

/** A press that opens the form for one stage of the status page; `null` when it is not one. */
export function parseEditStatus(
  payload: unknown,
): (Pressed & { readonly trigger: string; readonly stage: StatusStage }) | null {
  const press = readPress(payload)
  if (press?.action !== ACTIONS.editStatus) return null
  const parts = OF_STAGE.safeParse(press.parts)
  if (!parts.success) return null
  const { incident, by, place, trigger } = press
  return { incident, by, place, trigger, stage: parts.data[0] }
}

/** A press on this button, which opens something about an incident; `null` when it is not one. */
export function parseOpening(
  action: Opening,
  payload: unknown,
): (Pressed & { readonly trigger: string; readonly card: string }) | null {
  const press = readPress(payload)
  if (press?.action !== action || press.parts.length > 0) return null
  const { incident, by, place, trigger, card } = press
  return { incident, by, place, trigger, card }
}

/** A press that confirms somebody's enrolment; `null` when it is not one. */
export function parseConfirmation(
  payload: unknown,
): (Pressed & { readonly card: string; readonly user: string; readonly id: string }) | null {
  const press = readPress(payload)
  const id = z.tuple([z.uuid()]).safeParse(press?.parts).data?.[0]
  if (press?.action !== ACTIONS.confirmEnrolment || id === undefined) return null
  const { incident: user, by, place, card } = press
  return { incident: user, user, id, by, place, card }
}

/** What Slack opens a form for, within three seconds. */
export function triggerOf({ delivery }: Pick<ParsedPress, 'delivery'>): string {
  return delivery.slice('press:'.length)
}

/** Who pressed what, where: of a press on a card. */
export function readPress(payload: unknown) {
  const parsed = Press.safeParse(payload)
  if (!parsed.success) return null
  const { user, trigger_id, container, channel, message, actions } = parsed.data
  const [action] = actions
  const where = channel?.id ?? container.channel_id
  if (!action || !where) return null
  const value = action.value ?? action.selected_option?.value ?? ''
  const [incident, ...parts] = value.split('/')
  if (!IncidentId.safeParse(incident).success) return null
  return {
    incident: incident ?? '',
    parts,
    action: action.action_id,
    by: user.id,
    place: { channel: where, thread: container.thread_ts ?? message?.thread_ts ?? null },
    trigger: trigger_id,
    card: container.message_ts,
  }
}

function means<Parts>(schema: z.ZodType<Parts>, intent: (parts: Parts) => Intent) {
  return (given: readonly string[]): Intent | null => {
    const parts = schema.safeParse(given)
    return parts.success ? intent(parts.data) : null
  }
}

function isWish(action: string): action is keyof typeof MEANINGS {
  return Object.hasOwn(MEANINGS, action)
}
