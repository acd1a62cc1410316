import { secrecyOf } from './secret-name.ts'
import { isFrame } from './stack-frame.ts'
import type { Named } from './named-values.ts'
import type { View } from './view.ts'

/** A secret that takes several lines: those that are further in than `indent`. */
export type Block = {
  readonly indent: number
  /** Only the very next line, if it is this value's. */
  readonly nextValue: boolean
  /** How much there was of it. After `longestBlock` it is taken for something else. */
  readonly length: number
}

const longestBlock = 32 * 1024

/** The value that the lines after this one go on with, if they do. */
export function blockAfter(line: string, view: View, { open, form, nameAt }: Named): Block | null {
  if (!open) return null
  const before = line.slice(0, view.at(nameAt))
  const isFirst = /^[\s"'-]*$/.test(before)
  // A sentence that ends with `token:` opens nothing.
  if (form === 'bare' && !isFirst) return null
  const indent = isFirst ? before.replace(/["']$/, '').length : indentOf(line)
  return { indent, nextValue: false, length: 0 }
}

const nameOfPair =
  /^\s*(?:- )?\{?\s*["']?(?:name|key)["']?\s*[:=]\s*["']?([\w.-]{1,120})["']?\s*,?\s*$/i

/** `- name: DB_PASS`, of which the next line has the value. */
export function pairAfter(line: string): Block | null {
  if (line.length > 400) return null
  const name = nameOfPair.exec(line)?.[1]
  const secrecy = name === undefined ? null : secrecyOf(name)
  if (secrecy === null || secrecy === 'perhaps') return null
  return { indent: 0, nextValue: true, length: 0 }
}

/** What keeps its name in a block: it says where a secret is, and not what. */
const harmless =
  /^(?:secretName|name|namespace|optional|defaultMode|mode|path|audience|expirationSeconds|kind|apiVersion|type)$/

/** A line as a part of the block; `null`: the block is over. `shown: null`: it is like any other line. */
export function inBlock(
  block: Block,
  line: string,
): { readonly block: Block | null; readonly shown: string | null } | null {
  if (block.nextValue) {
    const isValue = /^\s*["']?value["']?\s*[:=]/i.test(line)
    return isValue ? { block: null, shown: withoutScalar(line) } : null
  }
  const indent = indentOf(line)
  const isBlank = indent === line.length
  const isItem = indent >= block.indent && line.startsWith('- ', indent)
  const isFurtherIn = indent > block.indent && !isFrame(line)
  if (!isBlank && !isItem && !isFurtherIn) return null
  const length = block.length + line.length
  const goesOn = length > longestBlock ? null : { ...block, length }
  const name = /^\s*(?:- )?["']?(\w+)["']?\s*:/.exec(line.slice(0, 200))?.[1] ?? ''
  return { block: goesOn, shown: harmless.test(name) ? null : withoutScalar(line) }
}

function indentOf(line: string): number {
  const first = line.search(/\S/)
  return first < 0 ? line.length : first
}

const start = /^\s*(?:- )*(?:["']?[\w.$-]{1,120}["']?\s*(?::|=>?)\s*)?/

/** The line with its place in the list or the object, and without what stands there. */
function withoutScalar(line: string): string {
  const before = start.exec(line)?.[0] ?? ''
  let end = line.length
  while (end > before.length && /[\s,]/.test(line[end - 1] ?? '')) end -= 1
  const value = line.slice(before.length, end)
  // Brackets hold it together, and hide nothing.
  if (/^[[\](){}]*$/.test(value)) return line
  const opens = /[[({]$/.exec(value)?.[0] ?? ''
  // What follows a name in quotes is JSON, where a number becomes a text.
  const isJson = opens === '' && /":\s*$/.test(before.slice(-20))
  const quote = /^(["'`])[^]*\1$/.exec(value)?.[1] ?? (isJson ? '"' : '')
  return `${before}${quote}***${quote}${opens}${line.slice(end)}`
}
