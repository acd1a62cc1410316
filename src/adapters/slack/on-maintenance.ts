import type { ViewSubmitAction } from '@slack/bolt'
import { maintenanceModal, parseMaintenance } from '../../chat/forms/maintenance-modal.ts'
import { MAINTENANCE_MODAL } from '../../chat/reading/action-ids.ts'
import type { Place } from '../../domain/incident/place.ts'
import type { Intake, Listening } from './intake.ts'
import { closeForm, openForm, placeFrom, Submission } from './on-form.ts'

/** The form for whoever types `maintenance` and nothing more. What it asks for is what a line asks for. */
export function onMaintenance(deps: Listening, intake: Intake): void {
  deps.app.view<ViewSubmitAction>(MAINTENANCE_MODAL, async ({ ack, body }) => {
    const { user, view } = Submission.parse(body)
    const request = parseMaintenance(view.state.values)
    if ('errors' in request) return ack({ response_action: 'errors', errors: request.errors })
    const place = placeFrom(deps, view.private_metadata)
    const refusal = await intake.typed(
      { kind: 'plan', request },
      { delivery: `submission:${view.id}`, by: user.id, place },
    )
    await closeForm(ack, intake, { field: 'message', by: user.id, place }, refusal)
  })
}

export async function openMaintenanceForm(
  deps: Listening,
  intake: Intake,
  opening: { readonly trigger: string; readonly by: string; readonly place: Place },
): Promise<void> {
  await openForm(deps, intake, opening, () => maintenanceModal(JSON.stringify(opening.place)))
}
