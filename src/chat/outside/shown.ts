import type { Block, View } from '../../domain/base/view.ts'
import { markup, type Markup } from '../report/markup.ts'
import { inUtc } from '../text/moments.ts'
import { withoutEntities } from '../text/text.ts'

/** What somebody's id is called where Slack does not say; the id where nobody does. */
export type NameOf = (id: string) => string | null

type Text = { readonly type: string; readonly text: string }

type Shown = Block & {
  readonly text?: Text
  readonly elements?: readonly Text[]
}

/** Ours: a mark that stood in somebody's words has something unseen behind it. */
const MARKED =
  /(\*(?!\u200B)[^*\n]+\*(?!\u200B)|`[^`\n]+`|(?<![\w\u200B])_(?!\u200B)[^_\n]+_(?!\w))/

/** A view as people see it in Slack, without its buttons: those lead nowhere but there. */
export function shownOnPage({ blocks }: Pick<View, 'blocks'>, nameOf: NameOf): readonly Markup[] {
  return blocks.map((block) => blockOf(block, nameOf))
}

function blockOf(block: Shown, nameOf: NameOf): Markup {
  if (block.type === 'header') return markup`<h2>${block.text?.text ?? ''}</h2>\n`
  if (block.type === 'section' && block.text) return paragraphs(block.text.text, nameOf)
  if (block.type === 'context' && block.elements) {
    const parts = block.elements.map(({ text }) => paragraphs(text, nameOf))
    return markup`<div class="context">${parts}</div>\n`
  }
  return block.type === 'divider' ? markup`<hr>\n` : markup``
}

/** The same for a terminal: no marks, and nothing that could lead one astray. */
export function shownAtTerminal({ blocks }: Pick<View, 'blocks'>, nameOf: NameOf): string {
  return blocks
    .map((block) => wordsOf(block).map((text) => atTerminal(text, nameOf)))
    .flatMap((texts) => (texts.length > 0 ? [texts.join('\n')] : []))
    .join('\n\n')
}

function wordsOf({ type, text, elements = [] }: Shown): readonly string[] {
  if (type === 'header') return [`== ${text?.text ?? ''} ==`]
  if (type === 'section' && text) return [text.text]
  return type === 'context' ? elements.map((one) => one.text) : []
}

export function atTerminal(mrkdwn: string, nameOf: NameOf): string {
  const text = plain(
    inUtc({ mrkdwn })
      .mrkdwn.split(MARKED)
      .map((piece) => (MARKED.test(piece) ? piece.slice(1, -1) : piece))
      .join(''),
    nameOf,
  )
  return text.replace(/[^\P{Cc}\n]|\p{Bidi_Control}/gu, '')
}

/** Slack's marks as a page has them. Whatever is in it is escaped: nothing in it becomes markup. */
export function paragraphs(mrkdwn: string, nameOf: NameOf): Markup {
  const pieces = inUtc({ mrkdwn }).mrkdwn.split('```')
  const parts = pieces.map((piece, index) => {
    // Between two fences, somebody else's text as it is.
    if (index % 2 === 1) return markup`<pre>${plain(piece, nameOf)}</pre>\n`
    return markup`${piece
      .split(/\n\n+/)
      .filter((one) => one.trim() !== '')
      .map((one) => markup`<p>${linesOf(one, nameOf)}</p>\n`)}`
  })
  return markup`${parts}`
}

function linesOf(text: string, nameOf: NameOf): readonly Markup[] {
  return text.split('\n').flatMap((line, index) => {
    const shown = line.split(MARKED).map((piece) => marked(piece, nameOf))
    return index === 0 ? shown : [markup`<br>`, ...shown]
  })
}

function marked(piece: string, nameOf: NameOf): Markup {
  const inside = plain(piece.slice(1, -1), nameOf)
  if (!MARKED.test(piece)) return markup`${plain(piece, nameOf)}`
  if (piece.startsWith('*')) return markup`<strong>${inside}</strong>`
  return piece.startsWith('_') ? markup`<em>${inside}</em>` : markup`<code>${inside}</code>`
}

/** People by their names, places by their ids, links by their words. */
function plain(text: string, nameOf: NameOf): string {
  const named = text
    .replace(/<[@#]([A-Z0-9]+)>/g, (_, id: string) => nameOf(id) ?? id)
    .replace(/<!subteam\^([A-Z0-9]+)>/g, (_, id: string) => nameOf(id) ?? `the group ${id}`)
    .replace(/<[^<>|]*\|([^<>]*)>/g, '$1')
    .replaceAll('\u200B', '')
  return withoutEntities(named)
}
