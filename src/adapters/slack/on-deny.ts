import type { ViewSubmitAction } from '@slack/bolt'
import { denyModal, parseDenial, type AboutDenial } from '../../chat/forms/deny-modal.ts'
import { ACTIONS, DENY_MODAL } from '../../chat/reading/action-ids.ts'
import { parsePress, triggerOf } from '../../chat/reading/parse-press.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import { slackFault } from './faults.ts'
import type { Intake, Listening } from './intake.ts'
import { closeForm, Submission } from './on-form.ts'
import type { Served } from './served.ts'

/** A denial, with a reason where somebody gives one. Whether they may is decided with the wish. */
export function onDeny(deps: Listening, intake: Intake): void {
  deps.app.action(ACTIONS.deny, async ({ ack, body }) => {
    await ack()
    const press = parsePress(body)
    if (press?.intent.kind !== 'deny') return
    const { incident, by, place, card, intent } = press
    const { plan, digest } = intent
    const here = deps.at(place.channel)
    if ('reason' in here) return intake.tell(by, place, here)
    const about = { incident, plan, digest, card, place }
    if (
      (await isOpen(here, about)) &&
      !(await intake.barred(by)) &&
      (await asked(here, triggerOf(press), about))
    )
      return
    // Whoever denies wants to stop something, which must not hang on a form; a refusal is written down.
    const { incident: _, ...received } = press
    const refusal = await intake.receive(incident, received)
    if (refusal) await intake.tell(by, place, refusal)
  })

  deps.app.view<ViewSubmitAction>(DENY_MODAL, async ({ ack, body }) => {
    const { user, view } = Submission.parse(body)
    const denial = parseDenial(view.state.values, view.private_metadata)
    if ('errors' in denial) return ack({ response_action: 'errors', errors: denial.errors })
    const { incident, plan, digest, card, place, reason } = denial
    const refusal = await intake.receive(incident, {
      delivery: `submission:${view.id}`,
      by: user.id,
      place,
      card,
      intent: { kind: 'deny', plan, digest, ...(reason === null ? {} : { reason }) },
    })
    await closeForm(ack, intake, { field: 'reason', by: user.id, place }, refusal)
  })

  async function asked(here: Served, trigger: string, about: AboutDenial): Promise<boolean> {
    try {
      await deps.client.views.open({ trigger_id: trigger, view: here.form(denyModal(about)) })
      return true
    } catch (error) {
      deps.log.warn('the form of a denial could not be opened', { error: slackFault(error) })
      return false
    }
  }
}

/** A form that leads nowhere is not opened. */
async function isOpen(here: Served, { incident: id, plan }: AboutDenial): Promise<boolean> {
  const incident = await here.incident(id)
  return incident !== null && incidentCan.sign(incident, plan) === true
}
