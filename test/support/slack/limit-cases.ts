import type { Dict } from './json.ts'

/** Blocks that Slack still takes, and blocks just beyond: for our judge here and for any in `src/`. */

const text = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) })

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

const buttons = (count: number, more: Dict = {}) => ({
  type: 'actions',
  elements: times(count, (index) => ({
    type: 'button',
    text: text(75),
    action_id: `action-${index}`,
    ...more,
  })),
})

const fields = (count: number, length: number) => ({
  type: 'section',
  fields: times(count, () => text(length)),
})

const context = (count: number) => ({ type: 'context', elements: times(count, () => text(1)) })

const select = (count: number, length = 75) => ({
  type: 'actions',
  elements: [
    {
      type: 'static_select',
      action_id: 'pick',
      options: times(count, () => ({ text: text(length), value: 'v' })),
    },
  ],
})

const confirm = (title: number, body: number) => ({
  title: text(title),
  text: text(body),
  confirm: text(30),
  deny: text(30),
})

export const AT_THE_LIMIT: Dict[] = [
  { type: 'header', text: text(150) },
  { type: 'section', text: text(3000) },
  { type: 'divider', block_id: 'x'.repeat(255) },
  buttons(25),
  buttons(1, { value: 'x'.repeat(2000), style: 'danger', confirm: confirm(100, 300) }),
  buttons(1, { action_id: 'x'.repeat(255), url: `https://${'x'.repeat(2992)}` }),
  fields(5, 2000),
  fields(10, 1),
  context(10),
  select(100),
]

export const BEYOND_THE_LIMIT: Dict[] = [
  { type: 'header', text: text(151) },
  { type: 'header', text: { type: 'mrkdwn', text: 'x' } },
  { type: 'section', text: text(3001) },
  { type: 'section', text: text(0) },
  { type: 'section' },
  // Real, but for modals only.
  { type: 'alert', text: text(1) },
  { type: 'invented' },
  { type: 'image', image_url: 'https://example.com/x.png' },
  { type: 'divider', block_id: 'x'.repeat(256) },
  buttons(0),
  buttons(26),
  buttons(2, { action_id: 'same' }),
  buttons(1, { text: text(76) }),
  buttons(1, { value: 'x'.repeat(2001) }),
  buttons(1, { url: `https://${'x'.repeat(2993)}` }),
  buttons(1, { action_id: 'x'.repeat(256) }),
  buttons(1, { style: 'warning' }),
  buttons(1, { confirm: confirm(101, 1) }),
  buttons(1, { confirm: confirm(1, 301) }),
  fields(11, 1),
  fields(1, 2001),
  context(0),
  context(11),
  select(0),
  select(101),
  select(1, 76),
]
