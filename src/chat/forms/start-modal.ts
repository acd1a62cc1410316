import type { ProcedureName } from '../../domain/plan/requests.ts'
import type { KnownBlock, ModalView, StaticSelect } from '@slack/types'
import { z } from 'zod'
import type { Intent } from '../../domain/incident/intent.ts'
import { Symptom } from '../../domain/assessment/symptom.ts'
import { START_MODAL } from '../reading/action-ids.ts'
import { context } from '../parts/blocks.ts'
import { anyOf, field, option, plainText } from '../reading/inputs.ts'
import { withoutSlackMarkup } from '../reading/split-line.ts'
import { SYMPTOM_LABELS } from '../reading/symptoms.ts'
import { isVersion } from '../reading/target-version.ts'
import { cutPlain, mrk } from '../text/text.ts'

const DESCRIPTION_MAX = 2000
const VERSION_MAX = 128
const DECIDE_LATER = 'decide-later'

/** What the form offers, and the only values a submission may hold. */
type Offered = {
  readonly services: readonly string[]
  /** The configured ones. */
  readonly procedures: readonly ProcedureName[]
}

/** The form that declares an incident. Only the description is asked for; the rest can wait. */
export function startModal(
  form: Offered & {
    readonly prefill: {
      /** As Slack stores messages: with its escapes and links. */
      readonly description?: string | null
      readonly procedure?: ProcedureName | null
      readonly toVersion?: string | null
    }
    /** Where the incident comes from; comes back with the submission. */
    readonly metadata: string
  },
): ModalView {
  const { services, procedures, prefill, metadata } = form
  return {
    type: 'modal',
    callback_id: START_MODAL,
    private_metadata: metadata,
    title: plainText('Declare an incident'),
    submit: plainText('Declare'),
    close: plainText('Cancel'),
    blocks: [
      descriptionField(prefill.description ?? ''),
      ...(services.length > 0 ? [servicesField(services)] : []),
      symptomsField(),
      ...procedureFields(procedures, prefill.procedure ?? null),
      versionField(prefill.toVersion ?? ''),
    ],
  }
}

function descriptionField(prefilled: string): KnownBlock {
  const description = cutPlain(withoutSlackMarkup(prefilled).trim(), DESCRIPTION_MAX)
  const input = {
    type: 'plain_text_input',
    action_id: 'description',
    multiline: true,
    max_length: DESCRIPTION_MAX,
    ...(description === '' ? {} : { initial_value: description }),
  } as const
  return field('description', 'What is wrong?', input, {
    hint: 'The first line becomes the title.',
  })
}

function servicesField(services: readonly string[]): KnownBlock {
  const offered = services.map((name) => option(name, name))
  return field('services', 'Affected services', anyOf('services', offered), { optional: true })
}

function symptomsField(): KnownBlock {
  const offered = Symptom.options.map((symptom) => {
    const { label, meaning } = SYMPTOM_LABELS[symptom]
    return option(symptom, label, meaning)
  })
  const title = 'What people report and no metric shows'
  return field('symptoms', title, anyOf('symptoms', offered), { optional: true })
}

function procedureFields(
  procedures: readonly ProcedureName[],
  wished: ProcedureName | null,
): readonly KnownBlock[] {
  const later = option(DECIDE_LATER, 'Decide later')
  const ways = procedures.map((name) => option(name, name))
  const input: StaticSelect = {
    type: 'static_select',
    action_id: 'procedure',
    options: [later, ...ways],
    initial_option: ways.find(({ value }) => value === wished) ?? later,
  }
  const hint = 'What you choose is planned at once. Nothing is done before two people sign.'
  return [
    field('procedure', 'Way back', input, { optional: true, hint }),
    ...(wished !== null && !procedures.includes(wished)
      ? [context(mrk`${wished} is not configured here, so it cannot be chosen.`)]
      : []),
  ]
}

function versionField(prefilled: string): KnownBlock {
  const version = prefilled.trim().slice(0, VERSION_MAX)
  const input = {
    type: 'plain_text_input',
    action_id: 'version',
    placeholder: plainText('v1.9.0'),
    max_length: VERSION_MAX,
    ...(version === '' ? {} : { initial_value: version }),
  } as const
  return field('version', 'Version to go back to', input, { optional: true })
}

const Typed = z.object({ value: z.string().nullish() })
const Chosen = z.object({ value: z.string() })
const One = z.object({ selected_option: Chosen.nullish() })
const Many = z.object({ selected_options: z.array(Chosen).nullish() })

/** A field that the form did not show is absent. */
const Values = z.object({
  description: z.object({ description: Typed }),
  services: z.object({ services: Many }).optional(),
  symptoms: z.object({ symptoms: Many }).optional(),
  procedure: z.object({ procedure: One }).optional(),
  version: z.object({ version: Typed }).optional(),
})

export type StartSubmission = Omit<Extract<Intent, { kind: 'start' }>, 'kind'>

/** By field, so that Slack shows each beside what it is about. */
export type FieldErrors = { readonly errors: Record<string, string> }

/** What a person submitted, checked as if the form had checked nothing. Never throws. */
export function parseStartSubmission(
  values: unknown,
  offered: Offered,
): StartSubmission | FieldErrors {
  const parsed = Values.safeParse(values)
  if (!parsed.success) {
    return { errors: { description: 'Backout could not read this form. Open it again.' } }
  }
  const { data } = parsed
  const description = (data.description.description.value ?? '').trim()
  const services = many(data.services?.services)
  const symptoms = z.array(Symptom).safeParse(many(data.symptoms?.symptoms))
  const way = data.procedure?.procedure.selected_option?.value ?? DECIDE_LATER
  const procedure = offered.procedures.find((name) => name === way) ?? null
  const version = (data.version?.version.value ?? '').trim()

  const errors: Record<string, string> = {}
  if (description === '') errors['description'] = 'Say in a few words what is wrong.'
  if (description.length > DESCRIPTION_MAX) {
    errors['description'] = `Use ${DESCRIPTION_MAX} characters at most.`
  }
  if (!services.every((service) => offered.services.includes(service))) {
    errors['services'] = 'One of these is not configured any more. Open the form again.'
  }
  if (!symptoms.success) errors['symptoms'] = 'One of these is not known. Open the form again.'
  if (procedure === null && way !== DECIDE_LATER) {
    errors['procedure'] = 'This one is not configured any more. Open the form again.'
  }
  if (version !== '' && !isVersion(version)) {
    errors['version'] = 'Use a version like v1.9.0, or a digest.'
  }
  if (Object.keys(errors).length > 0 || !symptoms.success) return { errors }
  return {
    description,
    services: [...new Set(services)],
    symptoms: [...new Set(symptoms.data)],
    procedure,
    toVersion: version === '' ? null : version,
  }
}

function many(chosen: z.infer<typeof Many> | undefined): readonly string[] {
  return chosen?.selected_options?.map(({ value }) => value) ?? []
}
