import { matches } from './matches.ts'

/** A line as it is read: as it was written, or with what is written in another way put into letters. */
export type View = {
  readonly text: string
  /** Where a character of it stands in the line. The one after the last ends the line. */
  readonly at: (index: number) => number
}

/** Of the line, from `start` to before `end`. */
export type Range = { readonly start: number; readonly end: number }

/** How many characters of the line one character of the view takes: `%22` is a quote of three. */
export const widthIn = ({ at }: View, index: number): number => at(index + 1) - at(index)

const terminal =
  '\\u001B(?:\\[[0-?]*[ -/]*[@-~]?|\\][^\\u0007\\u001B]*(?:\\u0007|\\u001B\\\\)|[ -/]*[0-~]?)|\\u009B[0-?]*[ -/]*[@-~]?'

const terminalCode = new RegExp(terminal, 'g')

/** Without colours and what else a program sends to a terminal. They may stand in the middle of a word. */
export function withoutTerminalCodes(text: string): string {
  return text.includes('\u001B') || text.includes('\u009B') ? text.replace(terminalCode, '') : text
}

const invisible =
  '[\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\uFE00-\\uFE0F\\uFEFF]|\\uDB40[\\uDC00-\\uDFFF]'

/** Colours of which only the text is left, as in JSON: `\u001b[31m`, `^[[31m`, `#033[31m`, `[31m`. */
const writtenColour = '(?:(?<!\\\\)\\\\+(?:u001b|x1b|033|e)|#033|\\^\\[|\\u241B)?\\[[0-9;]{1,12}m'

/** Quotes and blanks of word processors, and the wide letters of Asia. */
const alike = '[\\u00A0\\u2018-\\u201F\\u2002-\\u200A\\u202F\\u3000\\uFF01-\\uFF5E]'

function plainly(letter: string): string {
  const code = letter.charCodeAt(0)
  if (code > 0xff00) return String.fromCharCode(code - 0xfee0)
  if (code >= 0x201c && code <= 0x201f) return '"'
  return code >= 0x2018 && code <= 0x201b ? "'" : ' '
}

/** `\u0022`, `\x22`, `\"`, `\\\"`; `&quot;`, `&amp;quot;`, `&#34;`, `&#x22;`; and what cannot be seen. */
const escape = new RegExp(
  [
    `(${writtenColour}|${terminal}|${invisible})`,
    '(?<!\\\\)\\\\+(?:u00([0-7][0-9a-f])|x([0-7][0-9a-f])|([nrt"\'`/&=]))',
    '&(?:amp;)*(?:(quot|apos|lt|gt|amp);|#(\\d{2,3});|#x([0-9a-f]{2});)',
    `(${alike})`,
  ].join('|'),
  'gi',
)

const named: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
  amp: '&',
}

function meantBy(match: RegExpExecArray): string {
  const [whole, nothing, u, x, letter, entity, decimal, hex, like] = match
  if (nothing !== undefined) return ''
  if (like !== undefined) return plainly(like)
  const code = u ?? x ?? hex
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
  if (decimal !== undefined) return String.fromCharCode(Number(decimal))
  const name = letter ?? entity ?? whole
  return named[name.toLowerCase()] ?? name
}

/** `%22`, `%2522`; those that are one character together, together. */
const percent = /(?:%(?:25)*[89a-f][0-9a-f])+|%(?:25)*[0-7][0-9a-f]/gi

function meantByPercent([whole]: RegExpExecArray): string {
  try {
    return decodeURIComponent(whole.replaceAll(/%(?:25)+(?=..)/g, '%'))
  } catch {
    return '?'
  }
}

/** Once as it stands, and once with every escape read as what it means, however often it was escaped. */
export function viewsOf(line: string): readonly View[] {
  const plain = { text: line, at: (index: number) => index }
  if (!mayBeEscaped.test(line)) return [plain]
  const unquoted = line.includes('%') ? read(plain, percent, meantByPercent) : plain
  return [plain, read(unquoted, escape, meantBy)]
}

const mayBeEscaped = new RegExp(`[%\\\\&]|\\[[0-9;]{1,12}m|${invisible}|${alike}`)

/** The view with everything that matches put into letters. */
function read(view: View, pattern: RegExp, meant: (match: RegExpExecArray) => string): View {
  const places: number[] = []
  let text = ''
  let from = 0
  const keep = (until: number): void => {
    for (let index = from; index < until; index += 1) places.push(view.at(index))
    text += view.text.slice(from, until)
  }
  for (const match of matches(pattern, view.text)) {
    keep(match.index)
    from = match.index + match[0].length
    const letters = meant(match)
    for (let index = 0; index < letters.length; index += 1) places.push(view.at(match.index))
    text += letters
  }
  keep(view.text.length)
  const end = view.at(view.text.length)
  return { text, at: (index) => places[index] ?? end }
}
