import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  SectionBlock,
} from '@slack/types'
import type { View } from '../domain/view.ts'
import { cut, lines, type Mrkdwn } from './text.ts'

/** https://docs.slack.dev/reference/block-kit: what one message may hold. */
const LIMITS = {
  blocks: 50,
  section: 3000,
  header: 150,
  button: 75,
  actions: 25,
  text: 3900,
} as const

/** Undocumented: above about 13,200 characters in all, Slack answers `msg_blocks_too_long`. */
const ALL_BLOCKS = 12_000

export function header(text: string): HeaderBlock {
  return {
    type: 'header',
    text: { type: 'plain_text', text: cut(text, LIMITS.header), emoji: true },
  }
}

export function section(...parts: readonly Mrkdwn[]): SectionBlock {
  return {
    type: 'section',
    text: { type: 'mrkdwn', text: cut(lines(parts).mrkdwn, LIMITS.section) },
  }
}

export function context(...parts: readonly Mrkdwn[]): ContextBlock {
  return {
    type: 'context',
    elements: [{ type: 'mrkdwn', text: cut(lines(parts).mrkdwn, LIMITS.section) }],
  }
}

export function divider(): KnownBlock {
  return { type: 'divider' }
}

/** A button. `value` is opaque to Slack and at most 2,000 characters; it never carries a right. */
export function button(options: {
  readonly action: string
  readonly label: string
  readonly value: string
  readonly style?: 'primary' | 'danger'
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string }
}): Button {
  const { action, label, value, style, confirm } = options
  return {
    type: 'button',
    action_id: action,
    text: { type: 'plain_text', text: cut(label, LIMITS.button), emoji: true },
    value,
    ...(style ? { style } : {}),
    ...(confirm
      ? {
          confirm: {
            title: { type: 'plain_text', text: cut(confirm.title, 100) },
            text: { type: 'plain_text', text: cut(confirm.text, 300) },
            confirm: { type: 'plain_text', text: cut(confirm.yes, 30) },
            deny: { type: 'plain_text', text: 'No' },
          },
        }
      : {}),
  }
}

export function actions(...elements: ActionsBlock['elements']): ActionsBlock {
  return { type: 'actions', elements: elements.slice(0, LIMITS.actions) }
}

/** A message within Slack's limits, whatever its parts were. What does not fit is said to be missing. */
export function view(text: string, blocks: readonly KnownBlock[]): View {
  const fitting: KnownBlock[] = []
  let length = 0
  for (const block of blocks) {
    length += JSON.stringify(block).length
    if (fitting.length === LIMITS.blocks - 1 || length > ALL_BLOCKS) {
      fitting.push(context({ mrkdwn: 'The rest does not fit into one Slack message.' }))
      break
    }
    fitting.push(block)
  }
  return { text: cut(text, LIMITS.text), blocks: fitting }
}
