import { matches } from './matches.ts'
import type { Range } from './view.ts'

const begin = /-{4,5} ?BEGIN[ +][A-Z0-9 +]{0,40}PRIVATE[ +]KEY(?:[ +]BLOCK)? ?-{4,5}/g
const end = /-{4,5} ?END[ +][A-Z0-9 +]{0,40}PRIVATE[ +]KEY(?:[ +]BLOCK)? ?-{4,5}/g

/** Private keys in a line: each from its first to its last mark, or to the end of the line. */
export function* privateKeys(text: string): Iterable<Range & { readonly open: boolean }> {
  let from = 0
  for (;;) {
    begin.lastIndex = from
    const first = begin.exec(text)
    if (first === null) return
    from = endOfKey(text, first.index + first[0].length) ?? text.length + 1
    const open = from > text.length
    yield { start: first.index, end: Math.min(from, text.length), open }
  }
}

/** After the mark that ends a key; `null`: it is not in this line. */
export function endOfKey(text: string, from: number): number | null {
  end.lastIndex = from
  const last = end.exec(text)
  return last === null ? null : last.index + last[0].length
}

const lineOfKey = /^[A-Za-z0-9+/]{60,80}={0,2}(?=["',}\]\s]{0,5}$)/gm

/** A line of nothing but base64, as long as programs write them. A digest in hex is none. */
export function* linesOfKeys(text: string): Iterable<Range> {
  for (const { 0: line, index } of matches(lineOfKey, text)) {
    const isBase64 = /[A-Z]/.test(line) && /[a-z]/.test(line) && /\d/.test(line)
    if (isBase64) yield { start: index, end: index + line.length }
  }
}

/** Lines that look like a key, before the end of one whose beginning was cut off. */
export function withoutEndOfKey(text: string): string {
  const parts = text.split(new RegExp(end.source, 'g'))
  const after = parts.pop() ?? ''
  const before = parts.map((part) => {
    const lines = part.split('\n')
    if (lines.at(-1) === '') lines.pop()
    while (/^[\w+/=-]+\r?$/.test(lines.at(-1) ?? '')) lines.pop()
    return [...lines, '***'].join('\n')
  })
  return [...before, after].join('')
}
