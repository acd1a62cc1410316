import { jsonOf } from '../../domain/base/json-of.ts'
import type { ModalView } from '@slack/types'
import { z } from 'zod'
import { DENY_MODAL } from '../reading/action-ids.ts'
import { field, plainText } from '../reading/inputs.ts'
import type { FieldErrors } from './start-modal.ts'
import { AboutCard, tooLong, typedLine } from './submitted.ts'

const REASON_MAX = 200

/** What the form is about; comes back with the submission. It names, and entitles to nothing. */
const About = AboutCard.extend({
  plan: z.int().positive(),
  digest: z.string().regex(/^[0-9a-f]{16,128}$/),
})
export type AboutDenial = z.infer<typeof About>

/** Why a plan is denied, for those who have to make the next one. Nobody has to say. */
export function denyModal(about: AboutDenial): ModalView {
  return {
    type: 'modal',
    callback_id: DENY_MODAL,
    private_metadata: JSON.stringify(about),
    title: plainText(`Deny plan ${about.plan}`),
    submit: plainText('Deny it'),
    close: plainText('Cancel'),
    blocks: [
      field(
        'reason',
        'Why? One line; you may leave it empty.',
        { type: 'plain_text_input', action_id: 'reason', max_length: REASON_MAX },
        { optional: true, hint: 'It stands on the card. One denial ends the plan.' },
      ),
    ],
  }
}

const Values = z.object({
  reason: z.object({ reason: z.object({ value: z.string().nullish() }) }).optional(),
})

/** What a person submitted, checked as if the form had checked nothing. Never throws. */
export function parseDenial(
  values: unknown,
  metadata: string,
): (AboutDenial & { readonly reason: string | null }) | FieldErrors {
  const about = About.safeParse(jsonOf(metadata)).data
  const parsed = Values.safeParse(values)
  if (!about || !parsed.success) {
    return { errors: { reason: 'Backout could not read this form. Press Deny again.' } }
  }
  const reason = typedLine(parsed.data.reason?.reason.value)
  if (reason.length > REASON_MAX) return tooLong('reason', REASON_MAX)
  return { ...about, reason: reason === '' ? null : reason }
}
