import type { ModalView } from '@slack/types'
import { z } from 'zod'
import { Place } from '../../domain/incident/place.ts'
import { DENY_MODAL } from '../reading/action-ids.ts'
import { field, plainText } from '../reading/inputs.ts'
import type { FieldErrors } from './start-modal.ts'

const REASON_MAX = 200

/** What the form is about; comes back with the submission. It names, and entitles to nothing. */
const About = z.strictObject({
  incident: z.string().regex(/^[\w-]{1,64}$/),
  plan: z.int().positive(),
  digest: z.string().regex(/^[0-9a-f]{16,128}$/),
  /** The card that was pressed. */
  card: z.string().max(40),
  place: Place,
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
  const about = aboutOf(metadata)
  const parsed = Values.safeParse(values)
  if (!about || !parsed.success) {
    return { errors: { reason: 'Backout could not read this form. Press Deny again.' } }
  }
  const reason = (parsed.data.reason?.reason.value ?? '').replace(/\s+/g, ' ').trim()
  if (reason.length > REASON_MAX) {
    return { errors: { reason: `Use ${REASON_MAX} characters at most.` } }
  }
  return { ...about, reason: reason === '' ? null : reason }
}

function aboutOf(metadata: string): AboutDenial | null {
  try {
    return About.safeParse(JSON.parse(metadata)).data ?? null
  } catch {
    return null
  }
}
