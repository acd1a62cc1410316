import type { Block, Picture, ReportContents, Said, Section } from './contents.ts'
import { markup, type Markup } from './markup.ts'
import { PAGE_STYLE } from './page-style.ts'

/** Nothing is loaded and nothing runs, whatever stands in the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

/** On paper each of these begins a page: they are read, and given away, by themselves. */
const NEW_PAGE: ReadonlySet<string> = new Set(['Timeline', 'Root cause'])

/** The pictures of the report, by their file: a PNG in base64. */
export type Pictures = Readonly<Record<string, string>>

/** The report as one page that needs nothing else: no script, no address, its pictures within it. */
export function asPage({ title, sections }: ReportContents, pictures: Pictures = {}): string {
  const name = title.map(({ text }) => text).join('')
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${{ markup: POLICY }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>Incident report: ${name}</title>
<style>${{ markup: PAGE_STYLE }}</style>
</head>
<body>
<main>
<header>
<p>Incident report</p>
<h1>${inline(title)}</h1>
</header>
${sections.map((one, index) => sectionOf(one, index, pictures))}</main>
</body>
</html>
`.markup
}

function sectionOf({ title, blocks }: Section, index: number, pictures: Pictures): Markup {
  const id = `section-${index + 1}`
  const begins = NEW_PAGE.has(title) ? markup` class="new-page"` : markup``
  return markup`<section aria-labelledby="${id}"${begins}>
<h2 id="${id}">${title}</h2>
${blocks.map((block) => blockOf(block, pictures))}</section>
`
}

function blockOf(block: Block, pictures: Pictures): Markup {
  switch (block.kind) {
    case 'words':
      return markup`<p>${inline(block.said)}</p>\n`
    case 'heading':
      return markup`<h3>${block.title}</h3>\n`
    case 'facts':
      return markup`<dl>\n${block.rows.map(
        ({ name, said }) => markup`<dt>${name}</dt><dd>${inline(said)}</dd>\n`,
      )}</dl>\n`
    case 'list':
      return markup`<ul>\n${block.items.map((item) => markup`<li>${inline(item)}</li>\n`)}</ul>\n`
    case 'table':
      return table(block)
    case 'tasks':
      return markup`<ul class="tasks">\n${block.tasks.map(
        ({ what, owner }) =>
          markup`<li><span class="box" aria-hidden="true"></span><span>${inline(what)}</span><span class="owner">Owner: ${inline(owner)}</span></li>\n`,
      )}</ul>\n`
    case 'picture':
      return picture(block.picture, pictures)
    default:
      return block satisfies never
  }
}

/** The first cell of a row says which row it is. */
function table({ caption, columns, rows }: Extract<Block, { kind: 'table' }>): Markup {
  return markup`<table>
<caption>${caption}</caption>
<thead><tr>${columns.map((column) => markup`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${rows.map(([first = [], ...rest]) => {
  const cells = rest.map((cell, index) => cellOf(cell, columns[index + 1] ?? ''))
  return markup`<tr><th scope="row">${inline(first)}</th>${cells}</tr>\n`
})}</tbody>
</table>
`
}

/** On a phone a row is a paragraph, and each of its cells says what it is. */
function cellOf(cell: Said, column: string): Markup {
  const whole = cell.map(({ text }) => text).join('')
  const time = /^[\d: -]{8,20}(?: UTC)?$/.test(whole) ? markup` class="time"` : markup``
  return markup`<td data-column="${column}"${time}>${inline(cell)}</td>`
}

function picture({ file, alt }: Picture, pictures: Pictures): Markup {
  const base64 = Object.hasOwn(pictures, file) ? (pictures[file] ?? '') : ''
  // Only what is one picture, and nothing that could end the attribute.
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    return markup`<p>The picture stands beside this page, as ${file}. ${alt}</p>\n`
  }
  return markup`<figure><img src="data:image/png;base64,${base64}" alt="${alt}"><figcaption>${alt}</figcaption></figure>\n`
}

function inline(said: Said): readonly Markup[] {
  return said.map(({ text, open }) =>
    open ? markup`<em class="open">${text}</em>` : markup`${text}`,
  )
}
