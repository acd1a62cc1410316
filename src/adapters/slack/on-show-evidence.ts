import { ACTIONS } from '../../chat/reading/action-ids.ts'
import { parseOpening } from '../../chat/reading/parse-press.ts'
import { refused } from '../../domain/base/refusal.ts'
import type { Intake, Listening } from './intake.ts'
import { openForm } from './on-form.ts'

/** Every rule and every question behind the newest answer: to read, and nothing is done by it. */
export function onShowEvidence(deps: Listening, intake: Intake): void {
  deps.app.action(ACTIONS.showEvidence, async ({ ack, body }) => {
    await ack()
    const press = parseOpening(ACTIONS.showEvidence, body)
    if (!press) return
    const { incident: id, by, place } = press
    const here = deps.at(place.channel)
    if ('reason' in here) return intake.tell(by, place, here)
    await openForm(deps, intake, press, async () => {
      const incident = await here.incident(id)
      if (!incident) return refused('incident-unknown', id)
      return incident.assessment ? here.everyRule(incident.assessment) : refused('stale-card')
    })
  })
}
