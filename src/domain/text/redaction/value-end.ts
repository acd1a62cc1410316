import { widthIn, type View } from './view.ts'

/** A value: what of it is to be hidden, and whether the line ended before it did. */
export type Value = {
  readonly start: number
  readonly end: number
  readonly form: 'quoted' | 'bracketed' | 'bare'
  /** Ends with the line, and may go on in the next. */
  readonly open: boolean
}

const closing: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')' }

const isQuote = (character: string | undefined): boolean =>
  character === '"' || character === "'" || character === '`'

const isWord = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}_]/u.test(character)

/**
 * The value that begins at `start`. Whoever asks goes on after its end, so that a line is read once. What
 * ends a value has to be written as plainly as what it ends: in `"a\"b"` only the last quote does.
 */
export function valueAt(view: View, start: number, separatorWidth: number): Value {
  const { text } = view
  const first = text[start] ?? ''
  // `b'…'` is what Python says of bytes.
  const prefix = /^[A-Za-z]{0,2}(?=["'`])/.exec(text.slice(start, start + 3))?.[0].length ?? 0
  if (isQuote(text[start + prefix])) {
    const isTriple = /^(["'`])\1\1/.test(text.slice(start + prefix, start + prefix + 3))
    const open = start + prefix + (isTriple ? 2 : 0)
    const end = endOfQuoted(view, open)
    return { start: open + 1, end: end ?? text.length, form: 'quoted', open: end === null }
  }
  if (first in closing) {
    const end = endOfBracketed(view, start)
    return { start, end: end ?? text.length, form: 'bracketed', open: end === null }
  }
  return bareAt(view, start, separatorWidth)
}

/** Where the closing quote stands; `null`: nowhere in this line. */
function endOfQuoted(view: View, open: number): number | null {
  const { text } = view
  const quote = text[open]
  const width = widthIn(view, open)
  for (let index = open + 1; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1
    else if (text[index] === quote && widthIn(view, index) === width) {
      // Two of them are one that is meant: `'it''s'`.
      if (text[index + 1] !== quote || index === open + 1) return index
      index += 1
    }
  }
  return null
}

/** After the bracket that closes the one at `open`; `null`: it is not closed in this line. */
function endOfBracketed(view: View, open: number): number | null {
  const { text } = view
  const awaited: string[] = []
  for (let index = open; index < text.length; index += 1) {
    const character = text[index] ?? ''
    const closes = closing[character]
    if (closes !== undefined) awaited.push(closes)
    else if (character === awaited.at(-1)) {
      awaited.pop()
      if (awaited.length === 0) return index + 1
    } else if (isQuote(character) && !isWord(text[index - 1])) {
      const end = endOfQuoted(view, index)
      if (end === null) return null
      index = end
    }
  }
  return null
}

/** Up to a blank, or a quote or `&` that stands around the value. */
function bareAt(view: View, start: number, separatorWidth: number): Value {
  const { text } = view
  const value = (end: number, open = false): Value => ({ start, end, form: 'bare', open })
  for (let index = start; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (character in closing) {
      const end = endOfBracketed(view, index)
      if (end === null) return value(text.length, true)
      index = end - 1
    } else if (isQuote(character) && !isInWord(text, index)) {
      const plain = widthIn(view, index) <= separatorWidth || text[index - 1] === '\\'
      if (plain || widthIn(view, index) === 2) return value(withoutBackslashes(text, start, index))
    } else if (/[\s&]/.test(character) && widthIn(view, index) <= separatorWidth) {
      // `Secret { inner: … }` is one value.
      const named = text[index + 1] === '{' && /^[A-Z][A-Za-z]*$/.test(text.slice(start, index))
      if (!named) return value(index)
    } else if (character === '<' && text[index + 1] === '/') return value(index)
  }
  return value(text.length)
}

const isInWord = (text: string, index: number): boolean =>
  isWord(text[index - 1]) && isWord(text[index + 1])

/** They belong to the quote. */
function withoutBackslashes(text: string, start: number, end: number): number {
  let before = end
  while (before > start && text[before - 1] === '\\') before -= 1
  return before
}
