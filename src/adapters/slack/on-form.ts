import { jsonOf } from '../../domain/base/json-of.ts'
import { Place } from '../../domain/incident/place.ts'
import type { ProcedureName } from '../../domain/plan/requests.ts'
import type { AckFn, ViewResponseAction, ViewSubmitAction } from '@slack/bolt'
import type { ModalView } from '@slack/types'
import { z } from 'zod'
import { DECLARE_SHORTCUT, START_MODAL } from '../../chat/reading/action-ids.ts'
import { refusalView } from '../../chat/answers/refusal.ts'
import { parseStartSubmission, startModal } from '../../chat/forms/start-modal.ts'
import { refused, type Refusal, type RefusalReason } from '../../domain/base/refusal.ts'
import { postedAs } from '../../domain/incident/incident.ts'
import { slackFault } from './faults.ts'
import type { Intake, Listening } from './intake.ts'
import type { Served } from './served.ts'

export const Submission = z.object({
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

  deps.app.view<ViewSubmitAction>(START_MODAL, async ({ ack, body }) => {
    const { user, view } = Submission.parse(body)
    const place = placeFrom(deps, view.private_metadata)
    const here = deps.at(place.channel)
    if ('reason' in here) {
      await ack()
      return intake.tell(user.id, place, here)
    }
    const form = parseStartSubmission(view.state.values, here)
    if ('errors' in form) return ack({ response_action: 'errors', errors: form.errors })
    const refusal = await intake.receive(null, {
      delivery: `submission:${view.id}`,
      by: user.id,
      place,
      card: null,
      intent: { kind: 'start', ...form },
    })
    await closeForm(ack, intake, { field: 'description', by: user.id, place }, refusal)
  })
}

type Channels = Pick<Listening, 'at' | 'home'>

/** Why a channel is nobody's: what comes from there is meant for the one at home. */
const NOBODYS: ReadonlySet<RefusalReason> = new Set(['wrong-channel', 'direct-message'])

/** Whom a form means that was opened there. */
export function servedFrom({ at, home }: Channels, channel: string): Served | Refusal {
  const served = at(channel)
  return 'reason' in served && NOBODYS.has(served.reason) ? home : served
}

/** Where a form was opened from. It passed through the person's hands, so it is checked again. */
export function placeFrom({ at, home }: Channels, metadata: string): Place {
  const place = Place.safeParse(jsonOf(metadata)).data
  const served = place && at(place.channel)
  const isNobodys = !served || ('reason' in served && NOBODYS.has(served.reason))
  return place && !isNobodys ? place : { channel: home.channels[0] ?? '', thread: null }
}

/**
 * Where answers to a form go that says of its place the channel alone: the incident's thread. Left out, it was
 * opened by a version that knew one environment.
 */
export async function threadOf(
  channels: Channels,
  id: string,
  channel: string | undefined,
): Promise<Place> {
  const { home } = channels
  const served = channel === undefined ? home : servedFrom(channels, channel)
  // What is sent from there is refused, and the person told.
  if ('reason' in served) return { channel: channel ?? '', thread: null }
  const incident = await served.incident(id)
  const headline = incident && postedAs(incident, 'headline')
  if (headline) return { channel: headline.channel, thread: headline.ts }
  return { channel: incident?.declared?.channel ?? served.channels[0] ?? '', thread: null }
}

/** What was typed stays in the form when the reason passes: it is the only copy. */
export async function closeForm(
  ack: AckFn<ViewResponseAction>,
  intake: Intake,
  { field, by, place }: { readonly field: string; readonly by: string; readonly place: Place },
  refusal: Refusal | null,
): Promise<void> {
  if (refusal && FOR_NOW.has(refusal.reason)) {
    return ack({ response_action: 'errors', errors: { [field]: refusalView(refusal).text } })
  }
  await ack()
  if (refusal) await intake.tell(by, place, refusal)
}

type Opening = { readonly trigger: string; readonly by: string; readonly place: Place }

/**
 * Slack gives three seconds from the click until the form has to be open. `viewOf` is asked once it
 * is known that they may see it: a form names services, and shows drafts.
 */
export async function openForm(
  deps: Listening,
  intake: Intake,
  { trigger, by, place }: Opening,
  viewOf: () => ModalView | Refusal | Promise<ModalView | Refusal>,
): Promise<void> {
  const { client, log } = deps
  const view = (await intake.barred(by)) ?? (await viewOf())
  if ('reason' in view) return intake.tell(by, place, view)
  const here = servedFrom(deps, place.channel)
  if ('reason' in here) return intake.tell(by, place, here)
  try {
    await client.views.open({ trigger_id: trigger, view: here.form(view) })
  } catch (error) {
    log.warn('the form could not be opened', { error: slackFault(error) })
    await intake.tell(by, place, refused('form-not-opened'))
  }
}

export async function openStartForm(
  deps: Listening,
  intake: Intake,
  opening: Opening & {
    readonly description?: string
    readonly procedure?: ProcedureName | null
    readonly toVersion?: string | null
  },
): Promise<void> {
  const { place, description, procedure, toVersion } = opening
  const here = servedFrom(deps, place.channel)
  if ('reason' in here) return intake.tell(opening.by, place, here)
  const { services, procedures } = here
  await openForm(deps, intake, opening, () =>
    startModal({
      services,
      procedures,
      prefill: {
        ...(description ? { description } : {}),
        ...(procedure ? { procedure } : {}),
        ...(toVersion ? { toVersion } : {}),
      },
      metadata: JSON.stringify(place),
    }),
  )
}
