import type { ViewSubmitAction } from '@slack/bolt'
import { closeModal, parseClosing } from '../../chat/forms/close-modal.ts'
import { editModal, parseEdit } from '../../chat/forms/edit-modal.ts'
import type { AboutCard } from '../../chat/forms/submitted.ts'
import { ACTIONS, CLOSE_MODAL, EDIT_MODAL } from '../../chat/reading/action-ids.ts'
import { parseOpening } from '../../chat/reading/parse-press.ts'
import { isCardOf } from '../../domain/incident/decide.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Edit } from '../../domain/incident/closing.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Intent } from '../../domain/incident/intent.ts'
import { refused } from '../../domain/base/refusal.ts'
import type { Intake, Listening } from './intake.ts'
import { closeForm, openForm, Submission } from './on-form.ts'

/** Closing an incident, and changing what it is called. Whether somebody may is decided with the wish. */
export function onIncidentForms(deps: Listening, intake: Intake): void {
  opens(ACTIONS.close, incidentCan.close, closeModal)
  opens(ACTIONS.edit, incidentCan.edit, editModal)

  deps.app.view<ViewSubmitAction>(CLOSE_MODAL, async ({ ack, body }) => {
    const { user, view } = Submission.parse(body)
    const form = parseClosing(view.state.values, view.private_metadata)
    if ('errors' in form) return ack({ response_action: 'errors', errors: form.errors })
    const refusal = await wish(form, view.id, user.id, { kind: 'close', closing: form.closing })
    await closeForm(ack, intake, { field: 'outcome', by: user.id, place: form.place }, refusal)
  })

  deps.app.view<ViewSubmitAction>(EDIT_MODAL, async ({ ack, body }) => {
    const { user, view } = Submission.parse(body)
    const form = parseEdit(view.state.values, view.private_metadata)
    if ('errors' in form) return ack({ response_action: 'errors', errors: form.errors })
    const edit = changesOf(form.edit, form.shown ?? {})
    if (Object.keys(edit).length === 0) return ack()
    const refusal = await wish(form, view.id, user.id, { kind: 'edit', edit })
    await closeForm(ack, intake, { field: 'title', by: user.id, place: form.place }, refusal)
  })

  function opens(
    action: typeof ACTIONS.close | typeof ACTIONS.edit,
    can: (incident: Incident) => ReturnType<typeof incidentCan.close>,
    formOf: (about: AboutCard, incident: Incident) => ReturnType<typeof closeModal>,
  ): void {
    deps.app.action(action, async ({ ack, body }) => {
      await ack()
      const press = parseOpening(action, body)
      if (!press) return
      const { incident: id, by, place, card } = press
      const here = deps.at(place.channel)
      if ('reason' in here) return intake.tell(by, place, here)
      await openForm(deps, intake, press, async () => {
        const incident = await here.incident(id)
        if (!incident) return refused('incident-unknown', id)
        if (!isCardOf(incident, place, card)) return refused('stale-card')
        const may = can(incident)
        return may === true ? formOf({ incident: id, card, place }, incident) : refused(may)
      })
    })
  }

  async function wish(about: AboutCard, form: string, by: string, intent: Intent) {
    const { incident, card, place } = about
    const received = { delivery: `submission:${form}`, by, place, card, intent }
    return intake.receive(incident, received)
  }
}

/** Only what is different from what the form was opened with: others may have changed the rest meanwhile. */
function changesOf(edit: Required<Edit>, shown: Edit): Edit {
  const { title, severity, description } = edit
  return {
    ...(title === shown.title ? {} : { title }),
    ...(severity === shown.severity ? {} : { severity }),
    ...(description === shown.description ? {} : { description }),
  }
}
