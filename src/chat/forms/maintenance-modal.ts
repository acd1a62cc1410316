import type { ModalView } from '@slack/types'
import { z } from 'zod'
import { MAINTENANCE_MESSAGE_MAX, type RequestOf } from '../../domain/plan/plan-request.ts'
import { MAINTENANCE_MODAL } from '../reading/action-ids.ts'
import { field, option, plainText } from '../reading/inputs.ts'
import { readMessage } from '../reading/read-maintenance.ts'
import type { FieldErrors } from './start-modal.ts'

/** The form that plans to switch maintenance. `metadata` comes back with the submission. */
export function maintenanceModal(metadata: string): ModalView {
  const on = option('on', 'On: people see the message')
  return {
    type: 'modal',
    callback_id: MAINTENANCE_MODAL,
    private_metadata: metadata,
    title: plainText('Switch maintenance'),
    submit: plainText('Plan it'),
    close: plainText('Cancel'),
    blocks: [
      field('state', 'Maintenance', {
        type: 'static_select',
        action_id: 'state',
        options: [on, option('off', 'Off: people are let in again')],
        initial_option: on,
      }),
      field(
        'message',
        'What people see meanwhile',
        {
          type: 'plain_text_input',
          action_id: 'message',
          max_length: MAINTENANCE_MESSAGE_MAX,
          placeholder: plainText('We are repairing logins, back at 04:00 UTC'),
        },
        {
          optional: true,
          hint: 'Left empty, they see the usual message. Nothing is switched before one person signs.',
        },
      ),
    ],
  }
}

const Values = z.object({
  state: z.object({
    state: z.object({ selected_option: z.object({ value: z.enum(['on', 'off']) }).nullish() }),
  }),
  message: z.object({ message: z.object({ value: z.string().nullish() }) }).optional(),
})

/** What a person submitted, checked as if the form had checked nothing. Never throws. */
export function parseMaintenance(values: unknown): RequestOf<'maintenance'> | FieldErrors {
  const parsed = Values.safeParse(values)
  if (!parsed.success) {
    return { errors: { state: 'Backout could not read this form. Open it again.' } }
  }
  // local-slack does not send what was chosen at first.
  const on = parsed.data.state.state.selected_option?.value !== 'off'
  const typed = (parsed.data.message?.message.value ?? '').trim()
  if (typed === '') return { kind: 'maintenance', on }
  if (!on) return { errors: { message: 'People see a message only while maintenance is on.' } }
  const message = readMessage(typed)
  return typeof message === 'object'
    ? { errors: { message: message.problem } }
    : { kind: 'maintenance', on, message }
}
