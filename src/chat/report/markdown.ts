import type { Block, ReportContents, Said, Section } from './contents.ts'

/** The report as a Markdown document, for a terminal, a file or a wiki. */
export function asMarkdown({ title, sections }: ReportContents): string {
  return [`# Incident report: ${inline(title)}`, '', ...sections.flatMap(chapter)].join('\n')
}

function chapter({ title, blocks }: Section): readonly string[] {
  return [`## ${plain(title)}`, '', ...blocks.flatMap((block) => [...linesOf(block), ''])]
}

function linesOf(block: Block): readonly string[] {
  switch (block.kind) {
    case 'words':
      return [atStart(inline(block.said))]
    case 'heading':
      return [`### ${plain(block.title)}`]
    case 'facts':
      return block.rows.map(({ name, said }) => `- **${plain(name)}:** ${inline(said)}`)
    case 'list':
      return block.items.map((item) => `- ${atStart(inline(item))}`)
    case 'table':
      return [
        row(block.columns.map((column) => plain(column))),
        `|${'---|'.repeat(block.columns.length)}`,
        ...block.rows.map((cells) => row(cells.map(inline))),
      ]
    case 'tasks':
      return block.tasks.map(
        ({ what, owner }) => `- [ ] ${atStart(inline(what))} (owner: ${inline(owner)})`,
      )
    case 'picture':
      return [`![${plain(block.picture.alt)}](${fileAddress(block.picture.file)})`]
    default:
      return block satisfies never
  }
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function inline(said: Said): string {
  return unlinked(
    said.map(({ text, open }) => (open ? `_${escaped(text)}_` : escaped(text))).join(''),
  )
}

/**
 * Nothing in it is rendered as markup, and no address becomes a link, wherever in a line it stands but at its
 * beginning. https://github.github.com/gfm/#backslash-escapes, #autolinks-extension-
 */
export function plain(text: string): string {
  return unlinked(escaped(text))
}

function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|~#!&$]/g, (mark) => `\\${mark}`)
}

/** Of a whole line: what two pieces are next to each other may be an address too. */
function unlinked(line: string): string {
  return line
    .replace(/:(?=\/\/)/g, String.raw`\:`)
    .replace(/\b(www)\./gi, String.raw`$1\.`)
    .replace(/(?<=\S)@(?=\S)/g, ' @ ')
    .replace(/(?<!\S)@(?=\S)/g, '@ ')
}

/** What would be a list, a number of one, or a line at the beginning. */
function atStart(markdown: string): string {
  return markdown.replace(/^[-+=]/, String.raw`\$&`).replace(/^(\d+)([.)])/, String.raw`$1\$2`)
}

/** A file beside the report, and nothing else. */
function fileAddress(file: string): string {
  return encodeURIComponent(file).replaceAll('(', '%28').replaceAll(')', '%29')
}
