import { z } from 'zod'

const Element = z.object({
  action_id: z.string(),
  text: z.object({ text: z.string() }).optional(),
  value: z.string().optional(),
  options: z.array(z.object({ value: z.string() })).optional(),
})
const Pressed = z.object({ elements: z.array(Element).optional(), accessory: Element.optional() })

type Card = { readonly blocks: readonly object[] }

/** Everything on a card that can be pressed or chosen, with what Slack would send back. */
export function presses(card: Card): { readonly action: string; readonly value: string }[] {
  return elementsOf(card).flatMap(({ action_id: action, value, options }) =>
    (options?.map((option) => option.value) ?? [value ?? '']).map((sent) => ({
      action,
      value: sent,
    })),
  )
}

/** The labels of a card's buttons, in their order. */
export function pressable(card: Card): string[] {
  return elementsOf(card).flatMap(({ text }) => (text ? [text.text] : []))
}

function elementsOf({ blocks }: Card): z.infer<typeof Element>[] {
  return blocks.flatMap((block) => {
    const { elements = [], accessory } = Pressed.safeParse(block).data ?? {}
    return accessory ? [...elements, accessory] : elements
  })
}

/** The buttons of that label. */
export function pressesNamed(
  card: Card,
  label: string,
): { readonly action: string; readonly value: string }[] {
  return elementsOf(card)
    .filter(({ text }) => text?.text === label)
    .map(({ action_id: action, value = '' }) => ({ action, value }))
}
