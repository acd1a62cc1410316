import { z } from 'zod'
import type { Intent, Place } from '../domain/intent.ts'
import { Symptom } from '../domain/symptom.ts'
import { ACTIONS } from './action-ids.ts'

const Press = z.object({
  user: z.object({ id: z.string(), team_id: z.string().optional() }),
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

export type ParsedPress = {
  readonly incident: string
  readonly by: string
  readonly delivery: string
  readonly place: Place
  readonly card: string
  readonly intent: Intent
}

/**
 * What a press of a button means; `null` when it is none of ours. Of the payload only who, where and
 * the opaque value count: no right is ever read from it.
 */
export function parsePress(payload: unknown): ParsedPress | null {
  const parsed = Press.safeParse(payload)
  if (!parsed.success) return null
  const { user, trigger_id, container, channel, message, actions } = parsed.data
  const [action] = actions
  const where = channel?.id ?? container.channel_id
  if (!action || !where) return null
  const value = action.value ?? action.selected_option?.value ?? ''
  const [incident = '', rest] = value.split('/')
  const intent = intentOf(action.action_id, rest)
  if (!intent || incident === '') return null
  return {
    incident,
    by: user.id,
    delivery: `press:${trigger_id}`,
    place: { channel: where, thread: container.thread_ts ?? message?.thread_ts ?? null },
    card: container.message_ts,
    intent,
  }
}

function intentOf(action: string, rest: string | undefined): Intent | null {
  switch (action) {
    case ACTIONS.declare:
      return { kind: 'declare' }
    case ACTIONS.checkAgain:
      return { kind: 'check-again' }
    case ACTIONS.close:
      return { kind: 'close' }
    case ACTIONS.reportSymptom: {
      const symptom = Symptom.safeParse(rest)
      return symptom.success ? { kind: 'report-symptom', symptom: symptom.data } : null
    }
    default:
      return null
  }
}
