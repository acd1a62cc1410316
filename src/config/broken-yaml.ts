import { LineCounter, parseDocument, type YAMLError } from 'yaml'

/** A mistake in the writing itself. Lines are counted from 1. */
export type Misspelling = { readonly line: number; readonly what: string }

export type Mended = {
  /** What can be read. Every line keeps its number. */
  readonly text: string
  readonly misspellings: readonly Misspelling[]
  /** The keys of the parts of which something was left out. */
  readonly lost: readonly string[]
}

/** The parser reads on behind these, and right. */
const HARMLESS: readonly YAMLError['code'][] = ['DUPLICATE_KEY', 'BAD_SCALAR_START']

/**
 * Leaves out of a settings file what is not YAML, so that the rest can be read. A part is a key at
 * the top, or below the name of an environment: a quote that is not closed swallows its own part, and not
 * the whole file. `null`: the mistake is not inside of one part.
 */
export function mend(text: string): Mended | null {
  const lines = text.split('\n')
  const whole = { key: '', from: 0, to: lines.length }
  if (isReadable(text)) return { text, misspellings: misspellingsIn(lines, whole), lost: [] }
  const broken = partsOf(lines).flatMap((part) => {
    const misspellings = misspellingsIn(lines, part)
    return misspellings.length > 0 ? [{ ...part, misspellings }] : []
  })
  const wrongLines = new Set(broken.flatMap((part) => part.misspellings.map(({ line }) => line)))
  const texts = [
    lines.map((line, index) => (wrongLines.has(index + 1) ? leftOut(line) : line)),
    lines.map((line, index) => (broken.some((part) => isIn(part, index)) ? '' : line)),
  ].map((kept) => kept.join('\n'))
  const mended = texts.find(isReadable)
  if (mended === undefined) return null
  return {
    text: mended,
    misspellings: broken.flatMap(({ misspellings }) => misspellings),
    lost: broken.map(({ key }) => key),
  }
}

/** What the parser says of the whole text, in our words. */
export function misspelled(text: string): readonly Misspelling[] {
  const lines = text.split('\n')
  return misspellingsIn(lines, { key: '', from: 0, to: lines.length })
}

function isReadable(text: string): boolean {
  return parseDocument(text).errors.every(({ code }) => HARMLESS.includes(code))
}

type Part = { readonly key: string; readonly from: number; readonly to: number }

function isIn({ from, to }: Part, index: number): boolean {
  return index >= from && index < to
}

function partsOf(lines: readonly string[]): readonly Part[] {
  const starts = lines.flatMap((line, index) =>
    startsPart(line, depthAt(lines, index)) ? [index] : [],
  )
  return starts.map((from, nth) => ({
    key: /^\s*["']?(\w+)/.exec(lines[from] ?? '')?.[1] ?? '',
    from,
    to: starts[nth + 1] ?? lines.length,
  }))
}

/** A dash or a bracket goes on with the part above it, and a comment says nothing. */
function startsPart(line: string, depth: number): boolean {
  const indent = indentOf(line)
  return indent !== null && indent <= depth && !/^\s*[-#\]}]/.test(line)
}

/** How far in a part may begin: two steps below `environments`, else at the edge. */
function depthAt(lines: readonly string[], index: number): number {
  const top = lines.slice(0, index + 1).findLastIndex((line) => indentOf(line) === 0)
  if (!/^environments\s*:\s*(#.*)?$/.test(lines[top] ?? '')) return 0
  const inside = lines.slice(top + 1).flatMap((line) => indentOf(line) ?? [])
  const name = inside[0] ?? 0
  return inside.find((indent) => indent > name) ?? name
}

/** `null`: an empty line, or a comment. */
function indentOf(line: string): number | null {
  const found = /^ *(?=[^\s#])/.exec(line)
  return found ? found[0].length : null
}

/** Line by line, each time without the lines that were found: much stumbles only over what is above it. */
function misspellingsIn(lines: readonly string[], { from, to }: Part): readonly Misspelling[] {
  const part = lines.slice(from, to)
  const found: Misspelling[] = []
  while (found.length < part.length) {
    const counter = new LineCounter()
    const text = part.join('\n')
    const { errors } = parseDocument(text, { lineCounter: counter, prettyErrors: false })
    const last = part.findLastIndex((line) => indentOf(line) !== null)
    const [error] = errors
    if (!error || last === -1) break
    const at = Math.min(counter.linePos(error.pos[0]).line - 1, last)
    const index = whereItBegan(part, at, error)
    const line = part[index] ?? ''
    found.push({ line: from + index + 1, what: inWords(error, line) })
    if (line === leftOut(line)) break
    part[index] = leftOut(line)
  }
  return found
}

/** The dash stays, or the lines below it would be no list any more. */
function leftOut(line: string): string {
  return /^ *- /.exec(line)?.[0].trimEnd() ?? ''
}

/** What is never closed is noticed at the end, and belongs to where it was opened; a tab often before it. */
function whereItBegan(lines: readonly string[], at: number, error: YAMLError): number {
  if (error.code === 'TAB_AS_INDENT') {
    const tab = lines.findIndex((line, index) => index >= at && /^ *\t/.test(line))
    return tab === -1 ? at : tab
  }
  const opener =
    error.code === 'MISSING_CHAR' ? openQuote : opensBracket(error) ? openBracket : null
  const found = opener ? lines.slice(0, at + 1).findLastIndex(opener) : -1
  return found === -1 ? at : found
}

function opensBracket({ message }: YAMLError): boolean {
  return message.startsWith('Flow ')
}

function openQuote(line: string): boolean {
  return ['"', "'"].some((quote) => line.split(quote).length % 2 === 0)
}

function openBracket(line: string): boolean {
  return /[[{][^\]}]*$/.test(line)
}

const COLON_OR_COLUMN =
  'cannot be understood: look here and in the next line for a colon that is missing or has no space behind it, a text with a colon that needs quotes, or a line that is moved in too far'

function inWords(error: YAMLError, line: string): string {
  if (opensBracket(error)) return 'a bracket is opened here and not closed'
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'this line begins with a tab; use spaces'
    case 'BAD_INDENT':
      return 'this line does not begin in the column of the lines that it belongs to'
    case 'MISSING_CHAR':
      return 'a quote is opened here and not closed'
    case 'DUPLICATE_KEY':
      return `the key "${/^[\s-]*["']?(\w+)/.exec(line)?.[1] ?? ''}" stands here a second time`
    case 'BAD_SCALAR_START':
      return `a value that begins with ${error.message.at(-1)} must stand in quotes`
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return COLON_OR_COLUMN
    case 'MULTIPLE_DOCS':
      return 'a second document begins here; take the line --- out'
    default:
      return `this is not YAML: ${error.message}`
  }
}
