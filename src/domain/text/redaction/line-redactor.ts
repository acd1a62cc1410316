import { logins } from './addresses.ts'
import { blockAfter, inBlock, pairAfter, type Block } from './blocks.ts'
import { knownShapes } from './known-shapes.ts'
import { namedValues, type Named } from './named-values.ts'
import { endOfKey, linesOfKeys, privateKeys } from './private-keys.ts'
import { viewsOf, withoutTerminalCodes, type View } from './view.ts'

const MARK = '***'

/** Of a key. After that its end was lost, and the rest of the text is none of it. */
const longestKey = 32 * 1024

export type ShownLine = {
  readonly text: string
  /** A line within a key is none, and ends none. */
  readonly ends: boolean
}

type Hidden = { readonly start: number; readonly end: number; readonly by: string }

/**
 * Takes a text's lines one after another, and gives each as it may be shown. Of a long line no more than
 * `shownLength` is shown; all of it is looked at.
 */
export function lineRedactor(): (line: string, shownLength?: number) => ShownLine {
  /** How much there was of the key we are in. */
  let key: number | null = null
  let block: Block | null = null

  function look(line: string, shownLength: number): ShownLine {
    const hidden: Hidden[] = []
    let open: Block | null = null
    let keyIsOpen = false
    for (const view of viewsOf(line)) {
      const hide = (start: number, end: number, by = MARK): void => {
        hidden.push({ start: view.at(start), end: view.at(end), by })
      }
      for (const range of privateKeys(view.text)) {
        hide(range.start, range.end)
        keyIsOpen ||= range.open
      }
      for (const named of namedValues(view)) {
        open = blockAfter(line, view, named) ?? open
        const { start, end } = named.open ? withoutBracket(named) : named
        if (view.text.slice(start, end).trim() !== '') hide(start, end, markFor(line, view, named))
      }
      for (const { start, end } of knownShapes(view.text)) hide(start, end)
      for (const { start, end } of logins(view.text)) hide(start, end)
      for (const { start, end } of linesOfKeys(view.text)) hide(start, end)
    }
    block = open ?? pairAfter(line)
    if (keyIsOpen) key = 0
    return { text: withHidden(line, hidden, shownLength), ends: !keyIsOpen }
  }

  return (given, shownLength = given.length) => {
    let line = withoutTerminalCodes(given)
    if (key !== null) {
      const end = endOfKey(line, 0)
      key = end === null && key <= longestKey ? key + line.length + 1 : null
      if (end === null) return { text: '', ends: key === null }
      line = line.slice(end)
    }
    const inside = block === null ? null : inBlock(block, line)
    if (inside === null) return look(line, shownLength)
    if (inside.shown === null) {
      const shown = look(line, shownLength)
      block = inside.block
      return shown
    }
    block = inside.block
    const isCut = line.length > shownLength
    return { text: isCut ? inside.shown.slice(0, shownLength) : inside.shown, ends: true }
  }
}

/** An open bracket stays, so that what closes it in another line has its pair. */
function withoutBracket({ start, end, form }: Named): { start: number; end: number } {
  return { start: form === 'bracketed' ? start + 1 : start, end }
}

/** What stood without quotes behind a name in quotes gets some: JSON stays JSON. */
function markFor(line: string, view: View, { name, nameAt, form, open }: Named): string {
  const after = nameAt + name.length
  if (form === 'quoted' || open || view.text[after] !== '"') return MARK
  const quote = line.slice(view.at(after), view.at(after + 1))
  return quote + MARK + quote
}

/** What overlaps is one. */
function withHidden(line: string, hidden: readonly Hidden[], shownLength: number): string {
  if (hidden.length === 0) return line.slice(0, shownLength)
  const sorted = hidden.toSorted((a, b) => a.start - b.start || b.end - a.end)
  let shown = ''
  let at = 0
  for (const { start, end, by } of sorted) {
    if (start >= shownLength) break
    if (start >= at && (start > at || at === 0)) shown += line.slice(at, start) + by
    at = Math.max(at, end)
  }
  return shown + line.slice(at, Math.max(at, shownLength))
}
