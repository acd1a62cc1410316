import { isOrdinary, looksDrawnByLot, secrecyOf, type Secrecy } from './secret-name.ts'
import { joinAfter, valueBefore, type Joined } from './joins.ts'
import { isFrame } from './stack-frame.ts'
import { valueAt, type Value } from './value-end.ts'
import { widthIn, type View } from './view.ts'

/** Every name that could be a secret's has one of these in it; the rest of the line is not looked at. */
const stem =
  /pass|pw|secret|token|cred|key|auth|sig|cookie|sess|sid|jwt|otp|cv[vc]|psk|mnemonic|phrase/gi

const longestName = 120

export type Named = Value & { readonly name: string; readonly nameAt: number }

/** The values that have a secret's name before them, in whatever way the two are joined. */
export function* namedValues(view: View): Iterable<Named> {
  const { text } = view
  let from = 0
  for (;;) {
    stem.lastIndex = from
    const found = stem.exec(text)
    if (found === null) return
    const run = runAround(text, found.index)
    from = run.end
    const secrecy = secrecyOf(run.name)
    if (secrecy === null) continue
    const before = secrecy === 'perhaps' ? null : valueBefore(text, run)
    if (before !== null) yield { ...before, name: run.name, nameAt: run.start }
    const joined = joinAfter(view, run)
    if (joined === null) continue
    const value = valueOf(view, joined, secrecy, run)
    if (value === null) continue
    yield { ...value, name: run.name, nameAt: run.start }
    from = Math.max(value.end, run.end)
  }
}

export type Run = { readonly start: number; readonly end: number; readonly name: string }

/** The whole name that a stem stands in; `key` takes the word before it along, as in `api key`. */
function runAround(text: string, index: number): Run {
  let start = index
  while (start > 0 && index - start < longestName && isOfName(text, start - 1)) start -= 1
  let end = index + 1
  while (isOfName(text, end)) end += 1
  const run = text.slice(start, end)
  const before = /^(?:keys?|phrase)$/i.test(run)
    ? /[A-Za-z]{2,20} $/.exec(text.slice(Math.max(0, start - 21), start))
    : null
  return before === null
    ? { start, end, name: run.slice(0, 2 * longestName) }
    : { start: start - before[0].length, end, name: before[0] + run }
}

const isOfName = (text: string, index: number): boolean => /[\w.$-]/.test(text[index] ?? '')

const beginning = /["'`]?([^\s"'`&,;]{8,64})/y

const scheme =
  /(?:basic|bearer|digest|negotiate|apikey|token|ntlm|hmac|hmac-sha256|signature|oauth|aws4-hmac-sha256|dpop)[ \t]+(?=\S)/iy

function valueOf(view: View, joined: Joined, secrecy: Secrecy, run: Run): Value | null {
  const { at, width, onlyIfDrawn } = joined
  const { text } = view
  if (onlyIfDrawn) {
    const [some = ''] = /^["'`]?\w[\w+/=]{14,63}/.exec(text.slice(at, at + 66)) ?? []
    return /\d/.test(some) && /[a-z]/.test(some) && /[A-Z]/.test(some)
      ? valueAt(view, at, width)
      : null
  }
  if (secrecy === 'perhaps') {
    beginning.lastIndex = at
    const some = beginning.exec(text)?.[1] ?? ''
    return looksDrawnByLot(some) ? valueAt(view, at, width) : null
  }
  const block = blockAt(text, at, run)
  if (block !== null) return block
  // Before its end is looked for, which may be that of the line: text that was redacted has many of them.
  hidden.lastIndex = at
  if (hidden.test(text)) return null
  const first =
    text[run.end] === '"'
      ? (numberAt(text, at) ?? valueAt(view, at, width))
      : valueAt(view, at, width)
  if (first.form !== 'bare') {
    const isShown = !first.open && isOrdinary(text.slice(first.start, first.end), run.name)
    return isShown ? null : first
  }
  if (secrecy === 'cookie' || secrecy === 'phrase') return toTheEnd(view, first, run)
  scheme.lastIndex = at
  const known = scheme.exec(text)
  if (known !== null) {
    const takesAll = /^(?:digest|signature|oauth|hmac|aws4|ntlm)/i.test(known[0])
    if (takesAll && secrecy === 'header') return toTheEnd(view, first, run)
    const second = valueAt(view, at + known[0].length, width)
    return { ...first, end: second.end, open: second.open }
  }
  const isEmpty = first.end === first.start
  return isEmpty || isOrdinary(text.slice(first.start, first.end), run.name) ? null : first
}

/** What a value begins with that is hidden already. */
const hidden = /(?:[A-Za-z]{0,2}(?:(["'`])\1\1|["'`]))?\*\*\*/y

const number = /-?\d[\d.eE+-]*(?=[\s,}\]])/y

/** After a name in quotes as JSON has it. */
function numberAt(text: string, at: number): Value | null {
  number.lastIndex = at
  const found = number.exec(text)
  return found === null ? null : { start: at, end: at + found[0].length, form: 'bare', open: false }
}

/**
 * YAML's `name: |`, or a name alone: what stands below it and further in is the value. The line itself has
 * it only where line ends were escaped.
 */
function blockAt(text: string, at: number, run: Run): Value | null {
  const mark = /^(?:[|>][+-]?\d?)?[ \t\r]{0,20}(?=\n|$)/.exec(text.slice(at, at + 30))
  const start = at + (mark?.[0].length ?? 0)
  if (mark === null || (start < text.length && text[start] !== '\n')) return null
  if (start === text.length) return { start, end: start, form: 'bare', open: true }
  let indent = 0
  while (/[ -]/.test(text[run.start - indent - 1] ?? '')) indent += 1
  let end = start
  while (end < text.length) {
    const next = text.indexOf('\n', end + 1)
    const line = text.slice(end + 1, next < 0 ? text.length : next)
    const first = line.search(/\S/)
    const isItem = first === indent && line[first] === '-'
    if (first >= 0 && ((first <= indent && !isItem) || isFrame(line))) break
    end = next < 0 ? text.length : next
  }
  return end === start ? null : { start: at, end, form: 'bare', open: false }
}

/** A header or a phrase has blanks: it ends with its line, or with the quote that it stands in. */
function toTheEnd(view: View, value: Value, run: Run): Value {
  const { text } = view
  const around = /["'`]/.test(text[run.start - 1] ?? '') ? run.start - 1 : null
  for (let index = value.start; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (character === '\n') return { ...value, end: index }
    if (character === '\\') index += 1
    if (!/["'`]/.test(character)) continue
    // `realm="api"` is a part of it.
    if (text[index - 1] === '=') {
      const inner = valueAt(view, index, 1)
      if (inner.open) break
      index = inner.end
    } else if (
      around === null ? /^[\s,)\]}\\]?$/.test(text[index + 1] ?? '') : isPair(view, around, index)
    ) {
      return { ...value, end: index }
    }
  }
  return { ...value, end: text.length }
}

const isPair = (view: View, open: number, close: number): boolean =>
  view.text[open] === view.text[close] && widthIn(view, open) === widthIn(view, close)
