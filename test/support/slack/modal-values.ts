import { dict, dicts, isDict, str } from './json.ts'
import type { Dict } from './json.ts'

/** What a person types or picks, by block_id, action_id or label. `null` clears a field. */
export type Filled = Record<string, string | string[] | null>

type Kind = { field: string; initial: string; many?: boolean; options?: boolean }

const plain = (field: string, initial: string): Kind => ({ field, initial })
const TEXT = plain('value', 'initial_value')

const KINDS: Record<string, Kind> = {
  plain_text_input: TEXT,
  email_text_input: TEXT,
  url_text_input: TEXT,
  number_input: TEXT,
  datepicker: plain('selected_date', 'initial_date'),
  timepicker: plain('selected_time', 'initial_time'),
  datetimepicker: plain('selected_date_time', 'initial_date_time'),
  users_select: plain('selected_user', 'initial_user'),
  channels_select: plain('selected_channel', 'initial_channel'),
  conversations_select: plain('selected_conversation', 'initial_conversation'),
  multi_users_select: { field: 'selected_users', initial: 'initial_users', many: true },
  multi_channels_select: { field: 'selected_channels', initial: 'initial_channels', many: true },
  multi_conversations_select: {
    field: 'selected_conversations',
    initial: 'initial_conversations',
    many: true,
  },
  static_select: { field: 'selected_option', initial: 'initial_option', options: true },
  external_select: { field: 'selected_option', initial: 'initial_option', options: true },
  radio_buttons: { field: 'selected_option', initial: 'initial_option', options: true },
  checkboxes: {
    field: 'selected_options',
    initial: 'initial_options',
    many: true,
    options: true,
  },
  multi_static_select: {
    field: 'selected_options',
    initial: 'initial_options',
    many: true,
    options: true,
  },
}

const optionsOf = (element: Dict): Dict[] => [
  ...dicts(element['options']),
  ...dicts(element['option_groups']).flatMap((group) => dicts(group['options'])),
]

export const findOption = (element: Dict, wanted: string): Dict => {
  const options = optionsOf(element)
  const found = options.find(
    (option) => option['value'] === wanted || dict(option['text'])['text'] === wanted,
  )
  if (found) return found
  const offered = options.map((option) => str(option['value'])).join(', ')
  throw new Error(`no option "${wanted}" in ${str(element['action_id'])}: it offers ${offered}`)
}

type Field = { block: Dict; element: Dict; kind: Kind }

/** Input blocks, and the pickers that stand in sections and actions: all are in `state.values`. */
const fieldsOf = (blocks: Dict[]): Field[] =>
  blocks.flatMap((block) =>
    [block['element'], block['accessory'], ...dicts(block['elements'])]
      .filter(isDict)
      .flatMap((element) => {
        const kind = KINDS[str(element['type'])]
        return kind ? [{ block, element, kind }] : []
      }),
  )

const labelOf = ({ block, element }: Field): string =>
  str(dict(block['label'])['text']) || str(element['action_id'])

const givenFor = (field: Field, filled: Filled): string | undefined =>
  [str(field.block['block_id']), str(field.element['action_id']), labelOf(field)].find((key) =>
    Object.hasOwn(filled, key),
  )

const chosen = ({ element, kind }: Field, given: string | string[] | null): unknown => {
  if (given === null || given === '') return kind.many ? [] : null
  if (kind.many) {
    const values = Array.isArray(given) ? given : [given]
    return kind.options ? values.map((value) => findOption(element, value)) : values
  }
  const value = Array.isArray(given) ? (given[0] ?? '') : given
  return kind.options ? findOption(element, value) : value
}

const initial = ({ element, kind }: Field): unknown =>
  element[kind.initial] ?? (kind.many ? [] : null)

const complaint = ({ block, element }: Field, value: unknown): string | undefined => {
  if (block['type'] !== 'input') return undefined
  const empty = value === null || value === '' || (Array.isArray(value) && value.length === 0)
  if (empty) return block['optional'] === true ? undefined : 'is required'
  const [min, max] = [element['min_length'], element['max_length']]
  const length = str(value).length
  if (typeof value === 'string' && typeof min === 'number' && length < min) {
    return `needs ${min} characters`
  }
  if (typeof value === 'string' && typeof max === 'number' && length > max) {
    return `takes ${max} characters`
  }
  const number = element['type'] === 'number_input' ? Number(value) : undefined
  if (number !== undefined) {
    if (Number.isNaN(number)) return 'must be a number'
    if (number < Number(element['min_value'] ?? -Infinity)) return 'is too small'
    if (number > Number(element['max_value'] ?? Infinity)) return 'is too large'
  }
  return undefined
}

/**
 * `state.values` of what a person sees and fills in. A field left alone keeps its initial value, as in
 * Slack's own client; and what that client would not submit throws.
 */
export const stateValues = (blocks: Dict[], filled: Filled, enforce = true): Dict => {
  const fields = fieldsOf(blocks)
  const used = new Set<string>()
  const problems: string[] = []
  const values: Record<string, Dict> = {}
  for (const field of fields) {
    const { block, element, kind } = field
    const key = givenFor(field, filled)
    if (key !== undefined) used.add(key)
    const value = key === undefined ? initial(field) : chosen(field, filled[key] ?? null)
    const problem = complaint(field, value)
    if (problem) problems.push(`"${labelOf(field)}" ${problem}`)
    const id = str(block['block_id'])
    values[id] = {
      ...values[id],
      [str(element['action_id'])]: { type: element['type'], [kind.field]: value },
    }
  }
  const unknown = Object.keys(filled).filter((key) => !used.has(key))
  if (unknown.length > 0) {
    const known = fields.map(labelOf).join(', ')
    throw new Error(`the modal has no field ${unknown.join(', ')}: it has ${known}`)
  }
  if (enforce && problems.length > 0) {
    throw new Error(`Slack would not submit this modal: ${problems.join('; ')}`)
  }
  return values
}

/** local-slack submits an untouched field as null: put the shown initial value back. */
export const withInitials = (blocks: Dict[], submitted: Dict): Dict => {
  const shown = stateValues(blocks, {}, false)
  const merged: Record<string, Dict> = {}
  for (const [blockId, elements] of Object.entries(shown)) {
    merged[blockId] = {}
    for (const [actionId, untouched] of Object.entries(dict(elements))) {
      const got = dict(dict(submitted[blockId])[actionId])
      const field = KINDS[str(dict(untouched)['type'])]?.field ?? 'value'
      const value = got[field]
      const touched = value !== null && value !== undefined && !isEmptyList(value)
      const final = value === '' ? null : value
      merged[blockId][actionId] = touched ? { ...dict(untouched), [field]: final } : untouched
    }
  }
  return merged
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0
