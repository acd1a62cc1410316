import { z } from 'zod'
import { inUtc } from '../../src/chat/text/moments.ts'
import type { View } from '../../src/domain/base/view.ts'

const Text = z.object({ text: z.string() })
const Confirm = z.object({ title: Text, text: Text, confirm: Text, deny: Text })
const Element = z.object({
  action_id: z.string(),
  text: Text.optional(),
  placeholder: Text.optional(),
  value: z.string().optional(),
  options: z.array(z.object({ text: Text, value: z.string() })).optional(),
  style: z.string().optional(),
  confirm: Confirm.optional(),
})

const Button = z.strictObject({
  action: z.string(),
  label: z.string().optional(),
  value: z.string().optional(),
  options: z.array(z.strictObject({ label: z.string(), value: z.string() })).optional(),
  style: z.string().optional(),
  /** Title, text, yes and no. */
  confirm: z.string().optional(),
})
type Button = z.infer<typeof Button>

/** A card without its layout, its times in UTC: its one plain sentence, its texts from top to bottom, its buttons. */
export const Card = z.strictObject({
  text: z.string(),
  says: z.array(z.string()),
  buttons: z.array(Button),
})
export type Card = z.infer<typeof Card>

export function cardWords(view: View): Card {
  const { text, blocks } = inUtc(view)
  const said = blocks.flatMap(partsOf)
  return {
    text,
    says: said.flatMap((one) => (typeof one === 'string' ? [one] : [])),
    buttons: said.flatMap((one) => (typeof one === 'string' ? [] : [one])),
  }
}

function partsOf(part: unknown): (string | Button)[] {
  if (Array.isArray(part)) return part.flatMap(partsOf)
  if (typeof part !== 'object' || part === null) return []
  if ('action_id' in part) return [buttonOf(Element.parse(part))]
  if ('text' in part && typeof part.text === 'string') return [part.text]
  const { text, fields, elements, accessory } = part as Record<string, unknown>
  return [text, fields, elements, accessory].flatMap(partsOf)
}

function buttonOf(element: z.infer<typeof Element>): Button {
  const { action_id: action, value, options, style, confirm } = element
  const label = element.text?.text ?? element.placeholder?.text
  const asked = confirm && [confirm.title, confirm.text, confirm.confirm, confirm.deny]
  return {
    action,
    ...(label === undefined ? {} : { label }),
    ...(value === undefined ? {} : { value }),
    ...(options && { options: options.map((one) => ({ label: one.text.text, value: one.value })) }),
    ...(style === undefined ? {} : { style }),
    ...(asked && { confirm: asked.map(({ text }) => text).join(' | ') }),
  }
}
