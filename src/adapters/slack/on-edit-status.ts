import type { ViewSubmitAction } from '@slack/bolt'
import { ACTIONS, EDIT_STATUS_MODAL } from '../../chat/reading/action-ids.ts'
import { parseEditStatus } from '../../chat/reading/parse-press.ts'
import { editStatusModal, parseStatusEdit } from '../../chat/forms/edit-status-modal.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'
import type { StatusStage } from '../../domain/incident/status-page.ts'
import type { Intake, Listening } from './intake.ts'
import { closeForm, openForm, Submission, threadOf } from './on-form.ts'
import type { Served } from './served.ts'

/** The draft of a status page message, edited by a person. Whether they may is decided once more with the wish. */
export function onEditStatus(deps: Listening, intake: Intake): void {
  deps.app.action(ACTIONS.editStatus, async ({ ack, body }) => {
    await ack()
    const press = parseEditStatus(body)
    if (!press) return
    const { incident, by, place, stage } = press
    const here = deps.at(place.channel)
    if ('reason' in here) return intake.tell(by, place, here)
    await openForm(deps, intake, press, async () => {
      const draft = await draftOf(here, incident, stage)
      return typeof draft === 'object'
        ? draft
        : editStatusModal({ incident, stage, channel: place.channel }, draft)
    })
  })

  deps.app.view<ViewSubmitAction>(EDIT_STATUS_MODAL, async ({ ack, body }) => {
    const { user, view } = Submission.parse(body)
    const edit = parseStatusEdit(view.state.values, view.private_metadata)
    if ('errors' in edit) return ack({ response_action: 'errors', errors: edit.errors })
    const { incident, stage, text, channel } = edit
    const place = await threadOf(deps, incident, channel)
    const refusal = await intake.receive(incident, {
      delivery: `submission:${view.id}`,
      by: user.id,
      place,
      card: null,
      intent: { kind: 'edit-status', stage, text },
    })
    await closeForm(ack, intake, { field: 'text', by: user.id, place }, refusal)
  })
}

/** What stands on the card, or why it cannot be changed: a form that leads nowhere is not opened. */
async function draftOf(here: Served, id: string, stage: StatusStage): Promise<string | Refusal> {
  const incident = await here.incident(id)
  if (!incident) return refused('incident-unknown', id)
  const can = incidentCan.editStatus(incident, stage)
  if (can !== true) return refused(can)
  return incident.statusPage[stage]?.text ?? here.statusDraft(incident, stage)
}
