import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  MrkdwnElement,
  SectionBlock,
} from '@slack/types'
import type { View } from '../../domain/base/view.ts'
import { inUtc } from '../text/moments.ts'
import { cut, cutPlain, lines, mrk, oneLine, sentence, type Mrkdwn } from '../text/text.ts'

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

/** Leaves room for a header, a closing line and a row of buttons. */
const LIST = 10_000

/** `verbatim`: Slack makes no links out of what merely looks like one in somebody else's words. */
function mrkdwn(parts: readonly Mrkdwn[]): MrkdwnElement {
  return { type: 'mrkdwn', text: cut(lines(parts).mrkdwn, LIMITS.section), verbatim: true }
}

export function header(text: string): HeaderBlock {
  return {
    type: 'header',
    text: { type: 'plain_text', text: oneLine(text, LIMITS.header), emoji: true },
  }
}

export function section(...parts: readonly Mrkdwn[]): SectionBlock {
  return { type: 'section', text: mrkdwn(parts) }
}

export function context(...parts: readonly Mrkdwn[]): ContextBlock {
  return { type: 'context', elements: [mrkdwn(parts)] }
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
    text: { type: 'plain_text', text: cutPlain(label, LIMITS.button), emoji: true },
    value,
    ...(style ? { style } : {}),
    ...(confirm
      ? {
          confirm: {
            title: { type: 'plain_text', text: cutPlain(confirm.title, 100) },
            text: { type: 'plain_text', text: cutPlain(confirm.text, 300) },
            confirm: { type: 'plain_text', text: cutPlain(confirm.yes, 30) },
            deny: { type: 'plain_text', text: 'No' },
          },
        }
      : {}),
  }
}

export function actions(...elements: ActionsBlock['elements']): ActionsBlock {
  return { type: 'actions', elements: elements.slice(0, LIMITS.actions) }
}

/** How many of the items find room, from the first on. */
export function howManyFit(items: readonly Mrkdwn[], room: number = LIST): number {
  let left = room
  const over = items.findIndex(({ mrkdwn: text }) => {
    left -= JSON.stringify(cut(text, LIMITS.section)).length
    return left < 0
  })
  return over < 0 ? items.length : over
}

/** Items one below the other, in as few sections as hold them. What does not fit is counted. */
export function listed(
  items: readonly Mrkdwn[],
  options: {
    readonly leftOut: (count: number) => string
    readonly room?: number
    /** An empty line between two items, for items of several lines. */
    readonly apart?: boolean
  },
): KnownBlock[] {
  const shown = howManyFit(items, options.room)
  const missing = items.length - shown
  return [
    ...inSections(items.slice(0, shown), options.apart ? '\n\n' : '\n'),
    ...(missing > 0 ? [context(mrk`${options.leftOut(missing)}`)] : []),
  ]
}

/** Every item, one below the other, in as few sections as hold them. */
export function inSections(items: readonly Mrkdwn[], gap = '\n'): SectionBlock[] {
  const sections: string[] = []
  for (const item of items) {
    const text = cut(item.mrkdwn, LIMITS.section)
    const last = sections.at(-1)
    if (last !== undefined && last.length + gap.length + text.length <= LIMITS.section) {
      sections[sections.length - 1] = `${last}${gap}${text}`
    } else {
      sections.push(text)
    }
  }
  return sections.map((text) => section({ mrkdwn: text }))
}

/**
 * A message within Slack's limits, whatever its parts were. What does not fit is said to be missing.
 * `text` is somebody's words or ours: it is escaped here, and a notification speaks UTC.
 */
export function view(text: string | Mrkdwn, blocks: readonly KnownBlock[]): View {
  const missing = context({ mrkdwn: 'The rest does not fit into one Slack message.' })
  const fitting: KnownBlock[] = []
  let length = 0
  for (const [index, block] of blocks.entries()) {
    length += JSON.stringify(block).length
    const last = index === blocks.length - 1
    if (length > ALL_BLOCKS || (fitting.length === LIMITS.blocks - 1 && !last)) {
      fitting.push(missing)
      break
    }
    fitting.push(block)
  }
  const words = typeof text === 'string' ? sentence(text) : text
  return { text: cut(inUtc(words.mrkdwn), LIMITS.text), blocks: fitting }
}
