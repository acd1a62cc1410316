import { ACTIONS } from '../../chat/reading/action-ids.ts'
import { intake, type Listening } from './intake.ts'
import { onAddMoment } from './on-add-moment.ts'
import { onCommand } from './on-command.ts'
import { onDeny } from './on-deny.ts'
import { onEditStatus } from './on-edit-status.ts'
import { onEnrolment } from './on-enrolment.ts'
import { onForm } from './on-form.ts'
import { onIncidentForms } from './on-incident-forms.ts'
import { onMaintenance } from './on-maintenance.ts'
import { onMention } from './on-mention.ts'
import { onPress } from './on-press.ts'
import { onShowEvidence } from './on-show-evidence.ts'
import { onShowPlan } from './on-show-plan.ts'

/** Wires Slack to the program. */
export function listen(deps: Listening): void {
  const shared = intake(deps)
  onCommand(deps, shared)
  onMaintenance(deps, shared)
  onMention(deps, shared)
  onPress(deps, shared)
  onForm(deps, shared)
  onAddMoment(deps, shared)
  onEditStatus(deps, shared)
  onDeny(deps, shared)
  onIncidentForms(deps, shared)
  onShowEvidence(deps, shared)
  onShowPlan(deps, shared)
  onEnrolment(deps, shared)
  // What no listener above knows is still acknowledged: silence would look like a crash.
  deps.app.action(new RegExp(`^(?!(${Object.values(ACTIONS).join('|')})$)`), async ({ ack }) =>
    ack(),
  )
  deps.app.error(async (error) => deps.log.error('a request from Slack failed', { error }))
}
