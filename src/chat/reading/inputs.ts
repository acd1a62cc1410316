import type {
  Checkboxes,
  InputBlock,
  MultiStaticSelect,
  Option,
  PlainTextElement,
  PlainTextOption,
} from '@slack/types'
import { cutPlain } from '../text/text.ts'

/** https://docs.slack.dev/reference/block-kit: what one field of a form may hold. */
const CHECKBOXES = 10
const SELECT = 100
const OPTION = 75

export type Choice = PlainTextOption & Option

/** A field of a form. Block and input carry the same name: it comes back with the submission. */
export function field(
  id: string,
  label: string,
  element: InputBlock['element'],
  more: { readonly optional?: true; readonly hint?: string } = {},
): InputBlock {
  return {
    type: 'input',
    block_id: id,
    label: plainText(label),
    element,
    ...(more.optional ? { optional: true } : {}),
    ...(more.hint === undefined ? {} : { hint: plainText(more.hint) }),
  }
}

export function option(value: string, label: string, description?: string): Choice {
  return {
    text: plainText(cutPlain(label, OPTION)),
    value,
    ...(description === undefined ? {} : { description: plainText(cutPlain(description, OPTION)) }),
  }
}

/** Checkboxes while they fit: one tap each, and nothing hidden behind a list. */
export function anyOf(id: string, choices: readonly Choice[]): Checkboxes | MultiStaticSelect {
  const options = choices.slice(0, SELECT)
  return options.length <= CHECKBOXES
    ? { type: 'checkboxes', action_id: id, options }
    : { type: 'multi_static_select', action_id: id, options }
}

export function plainText(text: string): PlainTextElement {
  return { type: 'plain_text', text }
}
