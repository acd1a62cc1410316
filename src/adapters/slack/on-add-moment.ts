import type { ViewSubmitAction } from '@slack/bolt'
import { z } from 'zod'
import {
  addMomentModal,
  checkMomentModal,
  parseAddMoment,
  parseCheckMoment,
} from '../../chat/forms/add-moment-modal.ts'
import {
  ADD_MOMENT_MODAL,
  ADD_TO_TIMELINE_SHORTCUT,
  CHECK_MOMENT_MODAL,
} from '../../chat/reading/action-ids.ts'
import { toIso } from '../../domain/base/instant.ts'
import { refused } from '../../domain/base/refusal.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Place } from '../../domain/incident/place.ts'
import type { Intake, Listening } from './intake.ts'
import { closeForm, openForm, servedFrom, Submission, threadOf } from './on-form.ts'

const Ts = z.string().regex(/^\d{1,12}\.\d{1,8}$/)
const Shortcut = z.object({
  trigger_id: z.string(),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ text: z.string().default(''), ts: Ts, thread_ts: z.string().nullish() }),
})

/** The form has to be open three seconds after the click: a link that comes later is left out. */
const LINK_MS = 800

/** From the menu of any message into the timeline of an incident, at its own time or at another one. */
export function onAddMoment(deps: Listening, intake: Intake): void {
  deps.app.shortcut(ADD_TO_TIMELINE_SHORTCUT, async ({ ack, shortcut }) => {
    await ack()
    const { trigger_id: trigger, user, channel, message } = Shortcut.parse(shortcut)
    const thread = message.thread_ts ?? message.ts
    const place: Place = { channel: channel.id, thread: message.thread_ts ?? null }
    const here = servedFrom(deps, channel.id)
    if ('reason' in here) return intake.tell(user.id, place, here)
    await openForm(deps, intake, { trigger, by: user.id, place }, async () => {
      const [zone, link, own] = await Promise.all([
        deps.zoneOf(user.id),
        linkTo(channel.id, message.ts),
        here.incidentIn({ channel: channel.id, thread }),
      ])
      // Whoever writes the report adds to an incident that is closed, from its thread.
      const open = here.openIncidents().filter(({ id }) => id !== own?.id)
      const incidents = [...(own ? [own] : []), ...open].filter(
        (one) => incidentCan.addMoment(one) === true,
      )
      if (incidents.length === 0) return refused('not-declared')
      return addMomentModal(
        { zone, written: toIso(Math.round(Number(message.ts) * 1000)), link, channel: channel.id },
        message.text,
        { incidents: incidents.map(choiceOf), thread: own?.id ?? null },
      )
    })
  })

  deps.app.view<ViewSubmitAction>(ADD_MOMENT_MODAL, async ({ ack, body }) => {
    const { view } = Submission.parse(body)
    const moment = parseAddMoment(view.state.values, view.private_metadata, deps.now())
    if ('errors' in moment) return ack({ response_action: 'errors', errors: moment.errors })
    const here = servedFrom(deps, moment.channel ?? '')
    const next = checkMomentModal(moment)
    await ack({ response_action: 'update', view: 'reason' in here ? next : here.form(next) })
  })

  deps.app.view<ViewSubmitAction>(CHECK_MOMENT_MODAL, async ({ ack, body }) => {
    const { user, view } = Submission.parse(body)
    const moment = parseCheckMoment(view.state.values, view.private_metadata)
    if ('errors' in moment) return ack({ response_action: 'errors', errors: moment.errors })
    const { incident, at, text, link, channel } = moment
    const place = await threadOf(deps, incident, channel)
    const refusal = await intake.receive(incident, {
      delivery: `submission:${view.id}`,
      by: user.id,
      place,
      card: null,
      intent: { kind: 'add-to-timeline', at, text, ...(link === null ? {} : { link }) },
    })
    await closeForm(ack, intake, { field: 'which', by: user.id, place }, refusal)
  })

  async function linkTo(channel: string, ts: string): Promise<string | null> {
    const link = deps.conversations.linkTo({ channel, ts })
    return untilAborted(link, AbortSignal.timeout(LINK_MS)).catch(() => null)
  }
}

function choiceOf({ id, declared }: Incident) {
  return { id, title: declared?.title ?? '' }
}
