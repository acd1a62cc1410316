import { jsonOf } from '../../domain/base/json-of.ts'
import type { ModalView } from '@slack/types'
import { z } from 'zod'
import { ClosingOutcome, type Closing } from '../../domain/incident/closing.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { CLOSE_MODAL } from '../reading/action-ids.ts'
import { field, option, plainText } from '../reading/inputs.ts'
import { inSections } from '../parts/blocks.ts'
import { leftOpenLines } from '../parts/left-open-lines.ts'
import { trusted } from '../text/text.ts'
import { OUTCOMES_OF_CLOSING } from '../text/words.ts'
import type { FieldErrors } from './start-modal.ts'
import { AboutCard, tooLong, typedLine } from './submitted.ts'

const WORDS_MAX = 200

/** What is still open, and what the report of the incident asks. Only how it ended has to be said. */
export function closeModal(about: AboutCard, incident: Incident): ModalView {
  const open = leftOpenLines(incident)
  return {
    type: 'modal',
    callback_id: CLOSE_MODAL,
    private_metadata: JSON.stringify(about),
    title: plainText('Close the incident'),
    submit: plainText('Close it'),
    close: plainText('Cancel'),
    blocks: [
      ...inSections(
        open.length > 0
          ? [trusted('*Still open*'), ...open]
          : [trusted('Backout knows of nothing that is left open.')],
      ),
      outcomeField(incident),
      words(
        'revenue',
        'Revenue lost',
        'An amount, or that there is none. It goes into the report.',
      ),
      words('sla', 'What it means for the service levels', '“99.9 % in November is missed.”'),
      field(
        'reportBy',
        'Who writes the public report?',
        { type: 'users_select', action_id: 'reportBy' },
        { optional: true },
      ),
    ],
  }
}

/** Nothing is taken for granted that was not seen. */
function outcomeField({ watch }: Incident) {
  const options = ClosingOutcome.options.map((one) => option(one, labelOf(one)))
  const seen = watch?.state === 'stable' ? options.find(({ value }) => value === 'resolved') : null
  return field('outcome', 'How did it end?', {
    type: 'radio_buttons',
    action_id: 'outcome',
    options,
    ...(seen ? { initial_option: seen } : {}),
  })
}

function labelOf(outcome: ClosingOutcome): string {
  const [first = '', ...rest] = OUTCOMES_OF_CLOSING[outcome].replace(/^a /, '')
  return `${first.toUpperCase()}${rest.join('')}`
}

function words(id: 'revenue' | 'sla', label: string, hint: string) {
  const input = { type: 'plain_text_input', action_id: id, max_length: WORDS_MAX } as const
  return field(id, label, input, { optional: true, hint })
}

const Text = z.string().max(10_000).nullish()
const Values = z.object({
  outcome: z.object({
    outcome: z.object({ selected_option: z.object({ value: z.string() }).nullish() }),
  }),
  revenue: z.object({ revenue: z.object({ value: Text }) }).optional(),
  sla: z.object({ sla: z.object({ value: Text }) }).optional(),
  reportBy: z.object({ reportBy: z.object({ selected_user: z.string().nullish() }) }).optional(),
})

/** What a person submitted, checked as if the form had checked nothing. Never throws. */
export function parseClosing(
  values: unknown,
  metadata: string,
): (AboutCard & { readonly closing: Closing }) | FieldErrors {
  const about = AboutCard.safeParse(jsonOf(metadata)).data
  const parsed = Values.safeParse(values)
  if (!about || !parsed.success) {
    return { errors: { outcome: 'Backout could not read this form. Press Close incident again.' } }
  }
  const { outcome, revenue, sla, reportBy } = parsed.data
  const ended = ClosingOutcome.safeParse(outcome.outcome.selected_option?.value)
  if (!ended.success) return { errors: { outcome: 'Say how it ended.' } }
  const lost = typedLine(revenue?.revenue.value)
  const missed = typedLine(sla?.sla.value)
  if (lost.length > WORDS_MAX) return tooLong('revenue', WORDS_MAX)
  if (missed.length > WORDS_MAX) return tooLong('sla', WORDS_MAX)
  const writer = reportBy?.reportBy.selected_user ?? ''
  const closing: Closing = {
    outcome: ended.data,
    ...(lost === '' ? {} : { revenue: lost }),
    ...(missed === '' ? {} : { sla: missed }),
    ...(/^[UW][A-Z0-9]{1,20}$/.test(writer) ? { reportBy: writer } : {}),
  }
  return { ...about, closing }
}
