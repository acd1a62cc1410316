import { dict, dicts, isDict, str } from './json.ts'
import type { Dict } from './json.ts'

/** Adds one problem, at a JSON pointer, in the words Slack uses in `response_metadata.messages`. */
export type Report = (problem: string, pointer: string) => void

export const tooLong = (report: Report, value: unknown, limit: number, pointer: string): void => {
  if (str(value).length > limit) report(`must be less than ${limit + 1} characters`, pointer)
}

export type TextRule = { limit: number; plain?: boolean; required?: boolean }

export const checkText = (
  report: Report,
  value: unknown,
  rule: TextRule,
  pointer: string,
): void => {
  if (value === undefined || value === null) {
    if (rule.required) report('missing required field', pointer)
    return
  }
  const text = dict(value)
  const type = str(text['type'])
  if (type !== 'plain_text' && (rule.plain || type !== 'mrkdwn')) {
    report(rule.plain ? 'must be a plain_text object' : 'unsupported text type', pointer)
  }
  if (str(text['text']) === '') report('must be more than 0 characters', `${pointer}/text`)
  tooLong(report, text['text'], rule.limit, `${pointer}/text`)
}

const checkConfirm = (report: Report, value: unknown, pointer: string): void => {
  if (value === undefined) return
  const confirm = dict(value)
  checkText(
    report,
    confirm['title'],
    { limit: 100, plain: true, required: true },
    `${pointer}/title`,
  )
  checkText(report, confirm['text'], { limit: 300, required: true }, `${pointer}/text`)
  checkText(
    report,
    confirm['confirm'],
    { limit: 30, plain: true, required: true },
    `${pointer}/confirm`,
  )
  checkText(report, confirm['deny'], { limit: 30, plain: true, required: true }, `${pointer}/deny`)
}

const checkOptions = (
  report: Report,
  element: Dict,
  { max, plain }: { max: number; plain: boolean },
  pointer: string,
): void => {
  const groups = dicts(element['option_groups'])
  const options = groups.length
    ? groups.flatMap((group) => dicts(group['options']))
    : dicts(element['options'])
  if (options.length === 0) report('must provide at least 1 option', `${pointer}/options`)
  if (options.length > max) report(`no more than ${max} items allowed`, `${pointer}/options`)
  options.forEach((option, index) => {
    const at = `${pointer}/options/${index}`
    checkText(report, option['text'], { limit: 75, plain, required: true }, `${at}/text`)
    checkText(report, option['description'], { limit: 75, plain }, `${at}/description`)
    if (str(option['value']) === '') report('missing required field', `${at}/value`)
    tooLong(report, option['value'], 150, `${at}/value`)
  })
}

const button = (report: Report, element: Dict, pointer: string): void => {
  checkText(report, element['text'], { limit: 75, plain: true, required: true }, `${pointer}/text`)
  tooLong(report, element['value'], 2000, `${pointer}/value`)
  tooLong(report, element['url'], 3000, `${pointer}/url`)
  tooLong(report, element['accessibility_label'], 75, `${pointer}/accessibility_label`)
  const style = element['style']
  if (style !== undefined && style !== 'primary' && style !== 'danger') {
    report('must be a valid enum value', `${pointer}/style`)
  }
}

const image = (report: Report, element: Dict, pointer: string): void => {
  if (!str(element['image_url']) && !isDict(element['slack_file'])) {
    report('missing required field', `${pointer}/image_url`)
  }
  if (str(element['alt_text']) === '') report('missing required field', `${pointer}/alt_text`)
  tooLong(report, element['alt_text'], 2000, `${pointer}/alt_text`)
}

const textInput = (report: Report, element: Dict, pointer: string): void => {
  const max = element['max_length']
  if (typeof max === 'number' && (max < 1 || max > 3000)) {
    report('must be between 1 and 3000', `${pointer}/max_length`)
  }
  const limit = typeof max === 'number' ? max : 3000
  tooLong(report, element['initial_value'], limit, `${pointer}/initial_value`)
}

type Check = (report: Report, element: Dict, pointer: string) => void

const nothingMore: Check = () => {}
const select: Check = (report, element, pointer) =>
  checkOptions(report, element, { max: 100, plain: true }, pointer)
const tenOptions: Check = (report, element, pointer) =>
  checkOptions(report, element, { max: 10, plain: false }, pointer)
const overflow: Check = (report, element, pointer) =>
  checkOptions(report, element, { max: 5, plain: true }, pointer)

const ELEMENTS: Record<string, Check> = {
  button,
  image,
  plain_text_input: textInput,
  email_text_input: nothingMore,
  url_text_input: nothingMore,
  number_input: nothingMore,
  rich_text_input: nothingMore,
  file_input: nothingMore,
  datepicker: nothingMore,
  timepicker: nothingMore,
  datetimepicker: nothingMore,
  static_select: select,
  multi_static_select: select,
  users_select: nothingMore,
  multi_users_select: nothingMore,
  conversations_select: nothingMore,
  multi_conversations_select: nothingMore,
  channels_select: nothingMore,
  multi_channels_select: nothingMore,
  external_select: nothingMore,
  multi_external_select: nothingMore,
  overflow,
  checkboxes: tenOptions,
  radio_buttons: tenOptions,
  workflow_button: nothingMore,
  icon_button: nothingMore,
  feedback_buttons: nothingMore,
}

export const checkElement = (
  report: Report,
  value: unknown,
  allowed: (type: string) => boolean,
  pointer: string,
): void => {
  const element = dict(value)
  const type = str(element['type'])
  const check = ELEMENTS[type]
  if (!check || !allowed(type)) {
    report(`unsupported type: ${type || 'none'}`, `${pointer}/type`)
    return
  }
  tooLong(report, element['action_id'], 255, `${pointer}/action_id`)
  checkText(report, element['placeholder'], { limit: 150, plain: true }, `${pointer}/placeholder`)
  checkConfirm(report, element['confirm'], `${pointer}/confirm`)
  check(report, element, pointer)
}
