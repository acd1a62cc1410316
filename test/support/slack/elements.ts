import { dict, dicts, isDict, str } from './json.ts'
import type { Dict } from './json.ts'
import { findOption } from './modal-values.ts'

/** An action_id or the label a person reads; more where one message has several alike. */
export type Target =
  | string
  | { actionId?: string; label?: string; value?: string; blockId?: string }

type Found = { block: Dict; element: Dict }

const labelOf = (element: Dict): string =>
  str(dict(element['text'])['text']) || str(dict(element['placeholder'])['text'])

const elementsOf = (blocks: Dict[]): Found[] =>
  blocks.flatMap((block) => [
    ...[block['accessory'], block['element'], ...dicts(block['elements'])]
      .filter(isDict)
      .filter((element) => str(element['action_id']) !== '')
      .map((element) => ({ block, element })),
    // Containers and cards carry blocks of their own.
    ...elementsOf(dicts(block['blocks'])),
  ])

const fits = ({ block, element }: Found, target: Target): boolean => {
  if (typeof target === 'string') {
    return element['action_id'] === target || labelOf(element) === target
  }
  const { actionId, label, value, blockId } = target
  return (
    (actionId === undefined || element['action_id'] === actionId) &&
    (label === undefined || labelOf(element) === label) &&
    (value === undefined || element['value'] === value) &&
    (blockId === undefined || block['block_id'] === blockId)
  )
}

const describe = (target: Target): string =>
  typeof target === 'string' ? target : JSON.stringify(target)

const picked = (element: Dict, pick?: string): Dict => {
  const type = str(element['type'])
  if (type === 'button') return { text: element['text'], value: element['value'] }
  if (pick === undefined) throw new Error(`say which option of ${str(element['action_id'])}`)
  if (type === 'checkboxes' || type === 'multi_static_select') {
    return { selected_options: [findOption(element, pick)] }
  }
  if (type === 'users_select') return { selected_user: pick }
  if (type === 'datepicker') return { selected_date: pick }
  return { selected_option: findOption(element, pick) }
}

/** The `actions[0]` of what a person can see and touch there, or a failure that lists what is there. */
export const findElement = (blocks: Dict[], target: Target, pick?: string): Dict => {
  const all = elementsOf(blocks)
  const found = all.filter((candidate) => fits(candidate, target))
  const [only] = found
  if (!only) {
    const offered = all.map(({ element }) => `${str(element['action_id'])} "${labelOf(element)}"`)
    throw new Error(
      `nothing to click for ${describe(target)}; there is: ${offered.join(', ') || 'nothing'}`,
    )
  }
  if (found.length > 1) throw new Error(`${found.length} elements fit ${describe(target)}`)
  const { block, element } = only
  return {
    type: element['type'],
    action_id: element['action_id'],
    block_id: block['block_id'],
    ...picked(element, pick),
    ...(element['style'] ? { style: element['style'] } : {}),
    ...(element['confirm'] ? { confirm: element['confirm'] } : {}),
  }
}
