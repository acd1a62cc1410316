import type { Place } from '../../domain/incident/place.ts'
import { parseCommand } from '../../chat/reading/parse-command.ts'
import { tellEnrolment } from './on-enrolment.ts'
import { openStartForm } from './on-form.ts'
import type { Intake, Listening } from './intake.ts'
import { openMaintenanceForm } from './on-maintenance.ts'

/** `/rollback …`: made durable, acknowledged, then done (J8). */
export function onCommand(deps: Listening, intake: Intake): void {
  deps.app.command('/rollback', async ({ command, ack, respond }) => {
    const { user_id: by, trigger_id } = command
    const place: Place = { channel: command.channel_id, thread: null }
    deps.replies.keep(by, place.channel, respond)
    const here = deps.at(place.channel)
    const parsed = parseCommand(command.text ?? '', 'reason' in here ? deps.home : here)
    if (parsed.kind === 'drill') {
      await ack()
      return intake.drill({ by, place }, parsed.wish)
    }
    if ('reason' in here) {
      await ack()
      return intake.tell(by, place, here)
    }
    switch (parsed.kind) {
      case 'refused':
        await ack()
        return intake.tell(by, place, parsed)
      case 'assess':
      case 'plan':
      case 'roll-back':
      case 'resume':
      case 'undo':
      case 'abort':
      case 'watch':
      case 'take-lead':
      case 'write-report': {
        const refusal = await intake.typed(parsed, {
          delivery: `command:${trigger_id}`,
          by,
          place,
        })
        await ack()
        if (refusal) await intake.tell(by, place, refusal)
        return
      }
      case 'verify': {
        const asked = { delivery: `command:${trigger_id}`, by, place }
        return intake.verify(asked, ack, (view) => deps.conversations.tell(by, place, view))
      }
      case 'enrol': {
        await ack()
        const { wants } = parsed
        return tellEnrolment(deps, intake, { by, place, wants })
      }
      case 'start':
        await ack()
        return openStartForm(deps, intake, { trigger: trigger_id, by, place, ...parsed })
      case 'maintenance-form':
        await ack()
        return openMaintenanceForm(deps, intake, { trigger: trigger_id, by, place })
      default:
        await ack()
        return intake.answer({ by, place }, parsed, (view) =>
          deps.conversations.tell(by, place, view),
        )
    }
  })
}
