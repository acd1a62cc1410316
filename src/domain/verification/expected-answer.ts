import { jsonOf } from '../base/json-of.ts'
import { atPath, HIDDEN, shown } from './json-path.ts'
import type { ExpectedAnswer, ExpectedJson } from './request-settings.ts'

/** As much of an answer as it is judged by. */
export type JudgedAnswer = {
  readonly status: number
  readonly body: string
  readonly contentType: string
  readonly truncated: boolean
}

/** How what stands in an answer compares with what has to stand there. Its status is judged by others. */
export type ContentFit =
  | { readonly kind: 'fits'; readonly says: string | null }
  | { readonly kind: 'differs'; readonly seen: string; readonly expected: string }
  /** It is another kind of text than was expected: somebody else may have answered. */
  | { readonly kind: 'other-kind'; readonly seen: string; readonly expected: string }
  | { readonly kind: 'too-long' }

type Content = Omit<JudgedAnswer, 'status'>

/** Nothing of its text is told but numbers and plain words. */
export function contentFit(
  answer: Content,
  { json, contains, contentType }: Pick<ExpectedAnswer, 'json' | 'contains' | 'contentType'>,
): ContentFit {
  if (contentType !== null && answer.contentType.toLowerCase() !== contentType) {
    return { kind: 'other-kind', seen: typeInWords(answer), expected: contentType }
  }
  const text = contains.length === 0 ? null : textFit(answer, contains)
  if (text && text.kind !== 'fits') return text
  return json.length === 0 ? { kind: 'fits', says: null } : jsonFit(answer, json)
}

/** A header is somebody else's text: only a plain type is told. */
function typeInWords({ contentType }: Content): string {
  const isPlain = /^[a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,60}$/i.test(contentType)
  return isPlain ? `the answer is ${contentType}` : 'the answer names no type'
}

function textFit({ body, truncated }: Content, contains: readonly string[]): ContentFit {
  const missing = contains.findIndex((text) => !body.includes(text))
  if (missing < 0) return { kind: 'fits', says: null }
  if (truncated) return { kind: 'too-long' }
  const expected = `text ${missing + 1} of contains in it`
  return { kind: 'differs', seen: 'the answer lacks a text', expected }
}

function jsonFit({ body, truncated }: Content, expected: readonly ExpectedJson[]): ContentFit {
  const root = jsonOf(body)
  if (root === undefined) {
    return truncated
      ? { kind: 'too-long' }
      : { kind: 'other-kind', seen: 'the answer is no JSON', expected: 'JSON' }
  }
  const fits = expected.map((one) => valueFit(root, one))
  const says = fits.flatMap((fit) => (fit.kind === 'fits' && fit.says !== null ? [fit.says] : []))
  return fits.find(({ kind }) => kind !== 'fits') ?? { kind: 'fits', says: says.join(', ') }
}

function valueFit(root: unknown, { path, equals, atLeast }: ExpectedJson): ContentFit {
  const at = atPath(root, path)
  if (at.kind === 'absent') return differs(`${path} is absent`, 'it to be there')
  const { value } = at
  const isHidden = shown(value) === HIDDEN
  const seen = `${path} is ${shown(value)}`
  const fits: ContentFit = { kind: 'fits', says: seen }
  if (equals !== undefined && value === equals) {
    return isHidden ? { kind: 'fits', says: `${path} is the expected text` } : fits
  }
  if (equals !== undefined) return differs(seen, isHidden ? 'another one' : shown(equals))
  if (atLeast === undefined) return fits
  const size = Array.isArray(value) ? value.length : value
  if (typeof size !== 'number') return differs(seen, 'a number or a list')
  return size >= atLeast ? fits : differs(seen, `at least ${atLeast}`)
}

function differs(seen: string, expected: string): ContentFit {
  return { kind: 'differs', seen, expected }
}
