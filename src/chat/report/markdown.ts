import { inUtc } from '../text/moments.ts'
import { oneLine, withoutEntities, type Mrkdwn } from '../text/text.ts'

/** A piece of a Markdown document, safe to stand anywhere but at the beginning of a line. */
export type Markdown = { readonly markdown: string }

/**
 * Anybody's words on one line: nothing in them is rendered as markup, and no address becomes a link.
 * https://github.github.com/gfm/#backslash-escapes, #autolinks-extension-
 */
export function plain(text: string, max = 300): Markdown {
  const shown = oneLine(text, max)
  return {
    markdown: shown
      .replace(/[\\`*_[\]<>|~#!&]/g, (mark) => `\\${mark}`)
      .replace(/:(?=\/\/)/g, String.raw`\:`)
      .replace(/\b(www)\./gi, String.raw`$1\.`)
      .replace(/(?<=\S)@(?=\S)/g, ' @ '),
  }
}

/** Words for Slack, as plain ones: people by their ids, times in UTC. */
export function fromSlack(said: Mrkdwn, max = 300): Markdown {
  const text = inUtc(said)
    .mrkdwn.replace(/<[@#]([A-Z0-9]+)>/g, '$1')
    .replace(/<[^<>|]*\|([^<>]*)>/g, '$1')
    .replaceAll('\u200B', '')
  return plain(withoutEntities(text), max)
}

/** Builds a line of Markdown: what is put into it is shown as it is, other Markdown is kept. */
export function line(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Markdown)[]
): Markdown {
  const shown = values.map((value) => (typeof value === 'object' ? value : plain(String(value))))
  return { markdown: String.raw({ raw: strings }, ...shown.map(({ markdown }) => markdown)) }
}

/** A heading and what stands below it; nothing where there is nothing to say. */
export function chapter(title: string, lines: readonly Markdown[]): readonly string[] {
  return lines.length > 0 ? [`## ${title}`, '', ...lines.map(({ markdown }) => markdown), ''] : []
}
