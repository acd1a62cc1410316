import { z } from 'zod'
import { DECLARE_SHORTCUT, START_MODAL } from '../../chat/action-ids.ts'
import { refusalView } from '../../chat/views/refusal.ts'
import { parseStartSubmission, startModal } from '../../chat/views/start-modal.ts'
import { Place } from '../../domain/intent.ts'
import type { ProcedureName } from '../../domain/procedure.ts'
import { refused, type RefusalReason } from '../../domain/refusal.ts'
import { slackFault } from './faults.ts'
import type { Intake, Listening } from './intake.ts'

const Submission = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({
    id: z.string(),
    private_metadata: z.string().default(''),
    state: z.object({ values: z.unknown() }),
  }),
})
const Shortcut = z.object({
  trigger_id: z.string(),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ text: z.string().default('') }),
})

/** Reasons that pass: the same form may be sent again in a moment. */
const FOR_NOW: ReadonlySet<RefusalReason> = new Set(['journal-unavailable', 'restarting'])

/** The form that opens an incident by hand: from the command, and from the menu of any message. */
export function onForm(deps: Listening, intake: Intake): void {
  deps.app.shortcut(DECLARE_SHORTCUT, async ({ ack, shortcut }) => {
    await ack()
    const { trigger_id: trigger, user, channel, message } = Shortcut.parse(shortcut)
    const place: Place = { channel: channel.id, thread: null }
    await openStartForm(deps, intake, { trigger, by: user.id, place, description: message.text })
  })

  deps.app.view(START_MODAL, async ({ ack, body }) => {
    const { user, view } = Submission.parse(body)
    const form = parseStartSubmission(view.state.values, deps)
    if ('errors' in form) return ack({ response_action: 'errors', errors: form.errors })
    const place = placeFrom(view.private_metadata)
    const refusal = await intake.receive(null, {
      delivery: `submission:${view.id}`,
      by: user.id,
      place,
      card: null,
      intent: { kind: 'start', ...form },
    })
    if (refusal && FOR_NOW.has(refusal.reason)) {
      // What was typed stays: it is the only copy.
      const why = refusalView(refusal).text
      return ack({ response_action: 'errors', errors: { description: why } })
    }
    await ack()
    if (refusal) await intake.tell(user.id, place, refusal)
  })

  /** Where the form was opened from. It passed through the person's hands, so it is checked again. */
  function placeFrom(metadata: string): Place {
    const fallback: Place = { channel: deps.channels[0] ?? '', thread: null }
    try {
      const place = Place.parse(JSON.parse(metadata))
      return intake.misplaced(place) ? fallback : place
    } catch {
      return fallback
    }
  }
}

/** Slack gives three seconds from the click until the form has to be open. */
export async function openStartForm(
  { client, log, services, procedures }: Listening,
  intake: Intake,
  opening: {
    readonly trigger: string
    readonly by: string
    readonly place: Place
    readonly description?: string
    readonly procedure?: ProcedureName | null
    readonly toVersion?: string | null
  },
): Promise<void> {
  const { trigger, by, place, description, procedure, toVersion } = opening
  try {
    await client.views.open({
      trigger_id: trigger,
      view: startModal({
        services,
        procedures,
        prefill: {
          ...(description ? { description } : {}),
          ...(procedure ? { procedure } : {}),
          ...(toVersion ? { toVersion } : {}),
        },
        metadata: JSON.stringify(place),
      }),
    })
  } catch (error) {
    log.warn('the form could not be opened', { error: slackFault(error, false) })
    await intake.tell(by, place, refused('form-not-opened'))
  }
}
