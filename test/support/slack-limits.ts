import { blocksProblem, viewProblem } from './slack/block-rules.ts'

type Message = { readonly text: string; readonly blocks: readonly object[] }
type Screen = { readonly type: 'modal' | 'home'; readonly blocks: readonly object[] }

/** chat.update refuses a longer `text` (https://docs.slack.dev/reference/methods/chat.update). */
const LONGEST_TEXT = 4000

/**
 * Throws when Slack would refuse the view, or when a screen reader would have nothing to read. The
 * rules are those that the tests' Slack enforces, written from Slack's documentation alone.
 */
export function assertWithinLimits(view: Message | Screen): void {
  const problem =
    'type' in view
      ? viewProblem({ ...view })
      : (textProblem(view.text) ?? blocksProblem(view.blocks))
  if (problem) {
    throw new Error(
      `Slack would answer ${problem.error}: ${problem.messages.join('; ')}\n${JSON.stringify(view).slice(0, 2000)}`,
    )
  }
}

function textProblem(text: string) {
  if (text.trim() === '') return { error: 'no_text', messages: [] }
  return text.length > LONGEST_TEXT ? { error: 'msg_too_long', messages: [] } : undefined
}

/** What Slack renders as mrkdwn: whole elements, with how they are to be read. */
export type Rendered = { readonly text: string; readonly verbatim: boolean }

export function renderedIn(view: Message | Screen): readonly Rendered[] {
  const found: Rendered[] = []
  collect(view.blocks, found)
  return found
}

function collect(value: unknown, found: Rendered[]): void {
  if (typeof value !== 'object' || value === null) return
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) {
    const verbatim = 'verbatim' in value && value.verbatim === true
    found.push({ text: String(value.text), verbatim })
  }
  for (const item of Object.values(value)) collect(item, found)
}
