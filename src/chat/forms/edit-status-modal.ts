import { jsonOf } from '../../domain/base/json-of.ts'
import type { ModalView } from '@slack/types'
import { z } from 'zod'
import { StatusStage } from '../../domain/incident/status-page.ts'
import { EDIT_STATUS_MODAL } from '../reading/action-ids.ts'
import { IncidentId } from '../reading/parse-press.ts'
import { field, plainText } from '../reading/inputs.ts'
import { cutPlain } from '../text/text.ts'
import type { FieldErrors } from './start-modal.ts'
import { tooLong } from './submitted.ts'

const TEXT_MAX = 2000

/** What the form is about; comes back with the submission. It names, and entitles to nothing. */
const About = z.strictObject({
  incident: IncidentId,
  stage: StatusStage,
  /** Where it was opened; left out in forms of before there was more than one place. */
  channel: z.string().max(40).optional(),
})
type About = z.infer<typeof About>

/** The form that changes what the status page will be told at one stage. */
export function editStatusModal(about: About, draft: string): ModalView {
  const text = cutPlain(draft.trim(), TEXT_MAX)
  return {
    type: 'modal',
    callback_id: EDIT_STATUS_MODAL,
    private_metadata: JSON.stringify(about),
    title: plainText('Edit the status page'),
    submit: plainText('Save'),
    close: plainText('Cancel'),
    blocks: [
      field(
        'text',
        `Message: ${about.stage.replace('-', ' ')}`,
        {
          type: 'plain_text_input',
          action_id: 'text',
          multiline: true,
          max_length: TEXT_MAX,
          ...(text === '' ? {} : { initial_value: text }),
        },
        { hint: 'It changes the draft on the card. Nothing is published by it.' },
      ),
    ],
  }
}

const Values = z.object({ text: z.object({ text: z.object({ value: z.string().nullish() }) }) })

/** What a person submitted, checked as if the form had checked nothing. Never throws. */
export function parseStatusEdit(
  values: unknown,
  metadata: string,
): (About & { readonly text: string }) | FieldErrors {
  const about = About.safeParse(jsonOf(metadata)).data
  const parsed = Values.safeParse(values)
  if (!about || !parsed.success) {
    return { errors: { text: 'Backout could not read this form. Open it again.' } }
  }
  const text = (parsed.data.text.text.value ?? '').trim()
  if (text === '') return { errors: { text: 'Say what the status page should say.' } }
  if (text.length > TEXT_MAX) return tooLong('text', TEXT_MAX)
  return { ...about, text }
}
