import { checkElement, checkText, tooLong } from './element-rules.ts'
import type { Report } from './element-rules.ts'
import { dict, dicts, isDict, str } from './json.ts'
import type { Dict } from './json.ts'

/**
 * What real Slack refuses and local-slack takes. Written from Slack's documentation and from nothing
 * in `src/`, so that a wrong limit there is found here.
 */
type Surface = 'message' | 'modal' | 'home'
export type Problem = { error: string; messages: string[] }

const MAX_BLOCKS: Record<Surface, number> = { message: 50, modal: 100, home: 100 }
/** Undocumented; measured by others near 13,200 (bolt-js #2509). */
const MAX_TEXT_IN_BLOCKS = 13_000
const MAX_MARKDOWN = 12_000
const MAX_VIEW_BYTES = 250_000

const inputOnly = (type: string) =>
  /_input$|_select$|picker$|^checkboxes$|^radio_buttons$/.test(type)
const interactive = (type: string) => type !== 'image' && !type.endsWith('_input')
const inContext = (type: string) => type === 'image'
const inSection = (type: string) => !type.endsWith('_input')

type Check = (report: Report, block: Dict, at: string) => void

const count = (
  report: Report,
  items: unknown[],
  [min, max]: [number, number],
  at: string,
): void => {
  if (items.length < min) report(`must provide at least ${min} items`, at)
  if (items.length > max) report(`no more than ${max} items allowed`, at)
}

const section: Check = (report, block, at) => {
  const fields = dicts(block['fields'])
  if (!isDict(block['text']) && fields.length === 0) report('missing required field', `${at}/text`)
  checkText(report, block['text'], { limit: 3000 }, `${at}/text`)
  count(report, fields, [0, 10], `${at}/fields`)
  fields.forEach((field, index) =>
    checkText(report, field, { limit: 2000, required: true }, `${at}/fields/${index}`),
  )
  if (block['accessory']) checkElement(report, block['accessory'], inSection, `${at}/accessory`)
}

const context: Check = (report, block, at) => {
  const elements = dicts(block['elements'])
  count(report, elements, [1, 10], `${at}/elements`)
  elements.forEach((element, index) => {
    const pointer = `${at}/elements/${index}`
    const text = element['type'] === 'mrkdwn' || element['type'] === 'plain_text'
    if (text) checkText(report, element, { limit: 3000, required: true }, pointer)
    else checkElement(report, element, inContext, pointer)
  })
}

const actions: Check = (report, block, at) => {
  const elements = dicts(block['elements'])
  count(report, elements, [1, 25], `${at}/elements`)
  const seen = new Set<string>()
  elements.forEach((element, index) => {
    checkElement(report, element, interactive, `${at}/elements/${index}`)
    const id = str(element['action_id'])
    if (id && seen.has(id)) report(`action_id "${id}" already exists`, `${at}/elements/${index}`)
    seen.add(id)
  })
}

const header: Check = (report, block, at) =>
  checkText(report, block['text'], { limit: 150, plain: true, required: true }, `${at}/text`)

const image: Check = (report, block, at) => {
  checkElement(report, { ...block, type: 'image' }, () => true, at)
  tooLong(report, dict(block['title'])['text'], 2000, `${at}/title/text`)
}

const input: Check = (report, block, at) => {
  checkText(report, block['label'], { limit: 2000, plain: true, required: true }, `${at}/label`)
  checkText(report, block['hint'], { limit: 2000, plain: true }, `${at}/hint`)
  checkElement(report, block['element'], inputOnly, `${at}/element`)
}

const table: Check = (report, block, at) => {
  const rows = Array.isArray(block['rows']) ? block['rows'] : []
  count(report, rows, [1, 100], `${at}/rows`)
  rows.forEach((row, index) =>
    count(report, Array.isArray(row) ? row : [], [1, 20], `${at}/rows/${index}`),
  )
}

const nothingMore: Check = () => {}

/** Each block: its check, and the surfaces it may stand on. */
const BLOCKS: Record<string, [Check, Surface[]]> = {
  section: [section, ['message', 'modal', 'home']],
  context: [context, ['message', 'modal', 'home']],
  actions: [actions, ['message', 'modal', 'home']],
  header: [header, ['message', 'modal', 'home']],
  image: [image, ['message', 'modal', 'home']],
  divider: [nothingMore, ['message', 'modal', 'home']],
  input: [input, ['message', 'modal', 'home']],
  rich_text: [nothingMore, ['message', 'modal', 'home']],
  video: [nothingMore, ['message', 'modal', 'home']],
  alert: [nothingMore, ['modal']],
  file: [nothingMore, ['message']],
  markdown: [nothingMore, ['message']],
  table: [table, ['message']],
  data_table: [nothingMore, ['message']],
  data_visualization: [nothingMore, ['message']],
  plan: [nothingMore, ['message']],
  task_card: [nothingMore, ['message']],
  context_actions: [nothingMore, ['message']],
  card: [nothingMore, ['message']],
  carousel: [nothingMore, ['message']],
  container: [nothingMore, ['message']],
}

const blockProblems = (blocks: Dict[], surface: Surface): string[] => {
  const found: string[] = []
  const report: Report = (problem, at) => found.push(`[ERROR] ${problem} [json-pointer:${at}]`)
  if (blocks.length > MAX_BLOCKS[surface]) {
    report(`no more than ${MAX_BLOCKS[surface]} items allowed`, '/blocks')
  }
  const ids = new Set<string>()
  blocks.forEach((block, index) => {
    const at = `/blocks/${index}`
    const type = str(block['type'])
    const [check, surfaces] = BLOCKS[type] ?? [nothingMore, []]
    if (!surfaces.includes(surface)) report(`unsupported block: ${type || 'none'}`, `${at}/type`)
    const id = str(block['block_id'])
    tooLong(report, id, 255, `${at}/block_id`)
    if (id && ids.has(id)) report(`block_id "${id}" already exists`, `${at}/block_id`)
    ids.add(id)
    check(report, block, at)
  })
  if (blocks.filter((block) => block['type'] === 'table').length > 1) {
    report('only one table allowed', '/blocks')
  }
  const markdown = blocks.filter((block) => block['type'] === 'markdown')
  const total = markdown.reduce((sum, block) => sum + str(block['text']).length, 0)
  if (total > MAX_MARKDOWN) report(`must be less than ${MAX_MARKDOWN + 1} characters`, '/blocks')
  return found
}

const textLength = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textLength(item), 0)
  if (!isDict(value)) return 0
  return Object.entries(value).reduce(
    (sum, [key, item]) =>
      sum + (key === 'text' && typeof item === 'string' ? item.length : textLength(item)),
    0,
  )
}

export const blocksProblem = (value: unknown): Problem | undefined => {
  if (value === undefined || value === '') return undefined
  if (!Array.isArray(value) || !value.every(isDict)) {
    return { error: 'invalid_blocks_format', messages: [] }
  }
  const messages = blockProblems(value, 'message')
  if (messages.length > 0) return { error: 'invalid_blocks', messages }
  if (textLength(value) > MAX_TEXT_IN_BLOCKS) return { error: 'msg_blocks_too_long', messages: [] }
  return undefined
}

export const viewProblem = (view: Dict): Problem | undefined => {
  const type = str(view['type'])
  if (type !== 'modal' && type !== 'home') {
    return { error: 'invalid_arguments', messages: ['[ERROR] missing required field: type'] }
  }
  if (Buffer.byteLength(JSON.stringify(view)) > MAX_VIEW_BYTES) {
    return { error: 'view_too_large', messages: [] }
  }
  const blocks = dicts(view['blocks'])
  const messages = blockProblems(blocks, type)
  const report: Report = (problem, at) =>
    messages.push(`[ERROR] ${problem} [json-pointer:/view${at}]`)
  if (type === 'modal') {
    checkText(report, view['title'], { limit: 24, plain: true, required: true }, '/title')
    checkText(report, view['submit'], { limit: 24, plain: true }, '/submit')
    checkText(report, view['close'], { limit: 24, plain: true }, '/close')
    const asks = blocks.some((block) => block['type'] === 'input')
    if (asks && !isDict(view['submit'])) report('required when an input block is used', '/submit')
  }
  tooLong(report, view['private_metadata'], 3000, '/private_metadata')
  tooLong(report, view['callback_id'], 255, '/callback_id')
  return messages.length > 0 ? { error: 'invalid_arguments', messages } : undefined
}
