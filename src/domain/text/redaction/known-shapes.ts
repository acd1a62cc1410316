import { matches } from './matches.ts'
import { AFTER, TOKENS } from './tokens.ts'
import type { Range } from './view.ts'

/**
 * At the start of a word that is long enough, and of what begins with the same letter together: a line of
 * log has hundreds of words, and nearly none of them is a token.
 */
const token = new RegExp(`(?<![A-Za-z0-9])(?=[\\w.~/$:+-]{9})(?:${byFirstLetter().join('|')})`, 'g')

function isLetter(pattern: string): boolean {
  return /^[A-Za-z0-9][^*+?{]/.test(pattern)
}

function byFirstLetter(): string[] {
  const patterns = TOKENS.map(([, pattern]) => pattern)
  const groups = Map.groupBy(patterns.filter(isLetter), (pattern) => pattern.slice(0, 1))
  return [
    ...patterns.filter((pattern) => !isLetter(pattern)),
    ...[...groups].map(
      ([first, those]) => `${first}(?:${those.map((one) => one.slice(1)).join('|')})`,
    ),
  ]
}

const after = new RegExp(
  AFTER.map(([, before, pattern]) => `${before}(${pattern})`).join('|'),
  'gi',
)

/** Words that follow `Bearer` and `Basic` in sentences: `Basic authentication`. */
const plainWord = /^[A-Za-z]?[a-z]{0,19}[.]?$/

/** Secrets that are known by their own shape, or by what always stands before them. */
export function* knownShapes(text: string): Iterable<Range> {
  for (const { 0: whole, index } of matches(token, text)) {
    yield { start: index, end: index + whole.length }
  }
  for (const match of matches(after, text)) {
    const secret = match.find((group, index) => index > 0 && group !== undefined) ?? ''
    const end = match.index + match[0].length
    if (!plainWord.test(secret)) yield { start: end - secret.length, end }
  }
  if (text.includes('@')) yield* logins(text)
}

/** `es:…@tcp(db:3306)/es` of Go's MySQL, `guest:…@rabbit:5672`. */
const login =
  /(?<![\w.-])[\w.-]{1,64}:([^\s@:/"'`]{1,200})@(?=(?:tcp|unix)\(|[\w.-]{1,100}(?::\d{2,5}|\/))/g

function* logins(text: string): Iterable<Range> {
  for (const { 0: whole, 1: secret = '', index } of matches(login, text)) {
    const end = index + whole.length - 1
    yield { start: end - secret.length, end }
  }
}
