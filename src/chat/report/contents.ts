import { redact } from '../../domain/text/redact.ts'
import { inUtc } from '../text/moments.ts'
import { oneLine, withoutEntities, type Mrkdwn } from '../text/text.ts'

/*
 * What a report says, as plain data: no markup in any of it. It is rendered twice, as Markdown and as a page,
 * so that both say the same.
 */

/** Some words on one line. `open`: only people know it, and nobody has said it yet. */
export type Span = { readonly text: string; readonly open: boolean }
export type Said = readonly Span[]

export type Block =
  | { readonly kind: 'words'; readonly said: Said }
  | { readonly kind: 'heading'; readonly title: string }
  | { readonly kind: 'facts'; readonly rows: readonly Fact[] }
  | { readonly kind: 'list'; readonly items: readonly Said[] }
  | {
      readonly kind: 'table'
      /** What it is a table of, for whoever does not see it. */
      readonly caption: string
      readonly columns: readonly string[]
      readonly rows: readonly (readonly Said[])[]
    }
  | { readonly kind: 'tasks'; readonly tasks: readonly Task[] }
  | { readonly kind: 'picture'; readonly picture: Picture }

export type Fact = { readonly name: string; readonly said: Said }
export type Task = { readonly what: Said; readonly owner: Said }

/** A chart that stands beside the report. */
export type Picture = {
  /** Its name, in the folder of the report. */
  readonly file: string
  readonly alt: string
}

/** What there is of a picture where the report is read. */
export type Chart =
  | { readonly kind: 'beside'; readonly file: string; readonly alt: string }
  /** It is only told. `stands`: it is in the same thread; `alt`: `null` where its numbers could not be read. */
  | { readonly kind: 'in-thread'; readonly alt: string | null; readonly stands: boolean }
  | { readonly kind: 'none'; readonly because: string }

export type Section = { readonly title: string; readonly blocks: readonly Block[] }

export type ReportContents = {
  readonly title: Said
  readonly sections: readonly Section[]
}

/** Anybody's words on one line, without what looks like a credential: a report leaves the house. */
export function words(text: string, max = 300): Said {
  // Of a long text more is looked at than is shown: a secret at the cut is seen whole.
  const shown = redact(text.slice(0, max * 4 + 1000))
  return [{ text: oneLine(shown, max), open: false }]
}

/** What only people know: where they write it. */
export function open(asks: string): Said {
  return [{ text: asks, open: true }]
}

export const TO_BE_FILLED_IN = open('To be filled in.')

/** Words for Slack, as plain ones: people by their ids, times in UTC. */
export function fromSlack(shown: Mrkdwn, max = 300): Said {
  const text = inUtc(shown)
    .mrkdwn.replace(/<[@#]([A-Z0-9]+)>/g, '$1')
    .replace(/<[^<>|]*\|([^<>]*)>/g, '$1')
    .replaceAll('\u200B', '')
  return words(withoutEntities(text), max)
}

/** Builds a line: what is put into it is shown as it is. */
export function said(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Said)[]
): Said {
  const parts = strings.flatMap((ours, index): Said => {
    const value = values[index]
    const own = { text: ours, open: false }
    if (value === undefined) return [own]
    return [own, ...(typeof value === 'object' ? value : words(String(value)))]
  })
  return parts.filter(({ text }) => text !== '')
}

/** A section; none where there is nothing to say. */
export function section(title: string, blocks: readonly Block[]): readonly Section[] {
  return blocks.length > 0 ? [{ title, blocks }] : []
}

/** A list; none where there is nothing in it. */
export function list(items: readonly Said[]): readonly Block[] {
  return items.length > 0 ? [{ kind: 'list', items }] : []
}

export function fact(name: string, value: Said): Fact {
  return { name, said: value }
}
