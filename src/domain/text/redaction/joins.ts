import type { Run } from './named-values.ts'
import type { Value } from './value-end.ts'
import { widthIn, type View } from './view.ts'

/** Where a value begins, and how plainly it is set apart from its name. */
export type Joined = {
  readonly at: number
  readonly width: number
  /** Nothing but a blank joins them: an ordinary word is none. */
  readonly onlyIfDrawn: boolean
}

const between: readonly RegExp[] = [
  // `password: str = '…'`, as programs have it that are shown in a stack trace.
  /:[ \t]*&?[\w<>[\].]{1,40}[ \t]{0,4}=[ \t]*(?=["'`])/y,
  // `name: `, `"name": `, `[name] => `, `name[0] = `, `config['name'] = `; not `name::of` or `name://`.
  /(?:\[[\w.-]{0,20}\])?["'`\])]{0,3}[ \t]*(?:=>|:?={1,2}|::?(?=[ \t])|:(?![:/]))[ \t]*(?:![\w!]*[ \t]+|&\w+[ \t]+)?/y,
  // `"name": "DB_PASS", "value": "…"`, of which the name is a value itself.
  /["'`]?[ \t]*[,;]?\s{0,60}["'`]?value["'`]?[ \t]*[:=][ \t]*/iy,
  // `password for bo: …`
  /[ \t]+(?:is|was|for(?:[ \t][\w.@"'-]{1,40}){1,3})[ \t]*[:=][ \t]*/iy,
]

/** `'Authorization', '…'` among the headers as a list, `'--password', '…'` among arguments. */
const inList = /["'`]?,[ \t]*(?=["'`])/y
const asArgument = /["'`]?[ \t]+(?=[^\s-])/y
const inElement = /[^<>]{0,200}>(?:<!\[CDATA\[)?/y
const beforeQuote = /[ \t]+(?:->[ \t]*)?(?=["'`])/y
const beforeWord = /[ \t]+(?=["'`]?\w)/y
const asType = / ?(?=\{)|(?=\()/y
const asPair = /["'`],[ \t]*(?=(["'`])[^"'`]{1,500}\1\s?\])/y

export function joinAfter(view: View, run: Run): Joined | null {
  const { text } = view
  const { end, name } = run
  const joined = firstOf(between, view, end) ?? firstOf(waysFor(text, run), view, end)
  if (joined !== null) return joined
  if (!/(?:token|secret|key|password)$/i.test(name)) return null
  beforeWord.lastIndex = end
  const blank = beforeWord.exec(text)
  return blank === null ? null : { at: end + blank[0].length, width: 1, onlyIfDrawn: true }
}

function firstOf(ways: readonly RegExp[], view: View, end: number): Joined | null {
  for (const way of ways) {
    way.lastIndex = end
    const match = way.exec(view.text)
    if (match === null) continue
    const at = end + match[0].length
    return { at, width: widthOf(view, end, at), onlyIfDrawn: false }
  }
  return null
}

/** Those that only some names have, or only in some places. */
function waysFor(text: string, { start, name }: Run): readonly RegExp[] {
  const before = text.slice(Math.max(0, start - 100), start)
  const ways: RegExp[] = []
  if (name.startsWith('-')) ways.push(inList, asArgument)
  if (/^(?:x-|(?:proxy-)?authorization$|(?:set-)?cookie$)/i.test(name)) ways.push(inList)
  if (/\(["'`]$/.test(before)) ways.push(inList)
  if (/\[["'`]$/.test(before)) ways.push(asPair)
  if (/<(?:[\w.-]{1,40}:)?$|<[^<>]{1,60}(?:name|key|id)=["']$/.test(before)) ways.push(inElement)
  if (/(?:Secret|Password|SecretStr|SecretString)$/.test(name)) ways.push(asType)
  if (/^(?:requirepass|masterauth)$/i.test(name)) ways.push(asArgument)
  if (/pass(?:word|wd)?$/i.test(name)) {
    ways.push(beforeQuote)
    // `machine … login … password …` of a .netrc.
    if (/\blogin[ \t]+[^\s:]{1,60}[ \t]+$/.test(before)) ways.push(asArgument)
  }
  return ways
}

/** That of the sign between them; the blanks around it may be written in any way. */
function widthOf(view: View, from: number, to: number): number {
  let width = 1
  for (let index = from; index < to; index += 1) {
    if (/[:=>,]/.test(view.text[index] ?? '')) width = Math.max(width, widthIn(view, index))
  }
  return width
}

const pair =
  /["'`]?value["'`]?[ \t]*[:=][ \t]*["'`]([^"'`]{1,400})["'`][ \t]*,\s{0,40}["'`]?(?:name|key)["'`]?[ \t]*[:=][ \t]*["'`]$/i

/** `"value": "…", "name": "DB_PASS"` */
export function valueBefore(text: string, { start }: Run): Value | null {
  if (!/["'`]/.test(text[start - 1] ?? '')) return null
  const from = Math.max(0, start - 500)
  const found = pair.exec(text.slice(from, start))
  if (found === null) return null
  const at = from + found.index + found[0].indexOf(found[1] ?? '', 7)
  return { start: at, end: at + (found[1]?.length ?? 0), form: 'quoted', open: false }
}
