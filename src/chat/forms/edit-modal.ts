import { jsonOf } from '../../domain/base/json-of.ts'
import type { ModalView } from '@slack/types'
import { z } from 'zod'
import { Severity } from '../../domain/assessment/rule.ts'
import type { Edit } from '../../domain/incident/closing.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { EDIT_MODAL } from '../reading/action-ids.ts'
import { field, option, plainText } from '../reading/inputs.ts'
import { cutPlain } from '../text/text.ts'
import { SEVERITY_WORDS } from '../text/words.ts'
import type { FieldErrors } from './start-modal.ts'
import { AboutCard, tooLong, typedLine } from './submitted.ts'

const TITLE_MAX = 120
const SUMMARY_MAX = 2_000
const AS_MEASURED = 'as-measured'

/** What the form is about; comes back with the submission. It names, and entitles to nothing. */
const About = AboutCard.extend({
  /** What the form was opened with: what is still the same, nobody has changed. */
  shown: z
    .strictObject({
      title: z.string(),
      severity: Severity.nullable(),
      /** Left out where it is too long to come back. */
      description: z.string().optional(),
    })
    .optional(),
})
type About = z.infer<typeof About>

/** https://docs.slack.dev/reference/views/modal-views: what a form may carry along. */
const METADATA_MAX = 3_000

/** What an incident is called, how bad it is, and what it is about. */
export function editModal(about: About, { declared, severitySet }: Incident): ModalView {
  const title = cutPlain(declared?.title ?? '', TITLE_MAX)
  const summary = cutPlain(declared?.description ?? '', SUMMARY_MAX)
  const measured = option(AS_MEASURED, 'As the newest assessment says')
  const levels = Severity.options.map((one) => option(one, SEVERITY_WORDS[one]))
  return {
    type: 'modal',
    callback_id: EDIT_MODAL,
    private_metadata: carried({
      ...about,
      shown: {
        title: typedLine(title),
        severity: severitySet,
        description: summary.trim(),
      },
    }),
    title: plainText('Edit the incident'),
    submit: plainText('Save'),
    close: plainText('Cancel'),
    blocks: [
      field('title', 'Title', {
        type: 'plain_text_input',
        action_id: 'title',
        max_length: TITLE_MAX,
        ...(title === '' ? {} : { initial_value: title }),
      }),
      field('severity', 'Severity', {
        type: 'static_select',
        action_id: 'severity',
        options: [measured, ...levels],
        initial_option: levels.find(({ value }) => value === severitySet) ?? measured,
      }),
      field(
        'summary',
        'What is it about?',
        {
          type: 'plain_text_input',
          action_id: 'summary',
          multiline: true,
          max_length: SUMMARY_MAX,
          ...(summary === '' ? {} : { initial_value: summary }),
        },
        { optional: true },
      ),
    ],
  }
}

function carried({ shown, ...about }: About): string {
  const whole = JSON.stringify({ ...about, shown })
  if (whole.length <= METADATA_MAX || !shown) return whole
  const { title, severity } = shown
  return JSON.stringify({ ...about, shown: { title, severity } })
}

const Text = z.string().max(20_000).nullish()
const Values = z.object({
  title: z.object({ title: z.object({ value: Text }) }),
  severity: z.object({
    severity: z.object({ selected_option: z.object({ value: z.string() }).nullish() }),
  }),
  summary: z.object({ summary: z.object({ value: Text }) }).optional(),
})

/** What a person submitted, checked as if the form had checked nothing. Never throws. */
export function parseEdit(
  values: unknown,
  metadata: string,
): (About & { readonly edit: Required<Edit> }) | FieldErrors {
  const about = About.safeParse(jsonOf(metadata)).data
  const parsed = Values.safeParse(values)
  if (!about || !parsed.success) {
    return { errors: { title: 'Backout could not read this form. Press Edit again.' } }
  }
  const title = typedLine(parsed.data.title.title.value)
  const description = (parsed.data.summary?.summary.value ?? '').trim()
  const level = parsed.data.severity.severity.selected_option?.value ?? AS_MEASURED
  if (title === '') return { errors: { title: 'An incident needs a title.' } }
  if (title.length > TITLE_MAX) return tooLong('title', TITLE_MAX)
  if (description.length > SUMMARY_MAX) return tooLong('summary', SUMMARY_MAX)
  const severity = Severity.safeParse(level).data ?? null
  return { ...about, edit: { title, severity, description } }
}
