import { lineRedactor } from './redaction/line-redactor.ts'
import { withoutEndOfKey } from './redaction/private-keys.ts'

/**
 * What is longer is cut: a line is looked at in one piece, and nobody is to wait for that. Container
 * runtimes cut at 16 KiB.
 */
export const longestLine = 32 * 1024

/** What is said of a text in which one was. */
export const cutLines = `lines of more than ${longestLine / 1024} KiB were cut`

/** Of a long line this much more is looked at than is shown: a secret at the cut is seen whole. */
const margin = 4 * 1024

/** In characters. What is pushed at once should not be more. */
const slice = 16 * 1024

export type RedactedLines = {
  /** Takes the next part of the text and gives what may be shown by now: whole lines, or nothing. */
  push(part: string): string
  /** What is left of a text that is over. */
  end(): string
  /** The same of one that broke off: half a secret is not always told from a word, so a line without its end is left out. */
  breakOff(): string
  /** How many lines were cut. */
  cuts(): number
}

/** The text in pieces after each of which somebody else may have a turn. */
export function* slicesOf(text: string): Iterable<string> {
  for (let from = 0; from < text.length; from += slice) yield text.slice(from, from + slice)
}

/**
 * A text as it may be kept, however it was cut into parts: a secret that came in two of them is
 * hidden, and so is what spans lines, such as a key or a list of passwords.
 */
export function redactedLines(): RedactedLines {
  const redacted = lineRedactor()
  let shown = ''
  let begun = ''
  let skipping = false
  let ends = true
  let cut = 0

  function look(line: string): void {
    const isLong = line.length > longestLine + margin
    const { text, ...next } = isLong
      ? redacted(line.slice(0, longestLine + margin), longestLine)
      : redacted(line)
    shown += isLong ? `${text}…` : text
    ends = next.ends
    if (isLong) cut += 1
  }

  function taken(): string {
    const text = withoutEndOfKey(shown)
    shown = ''
    return text
  }

  return {
    push(part) {
      for (let from = 0; from < part.length;) {
        const next = part.indexOf('\n', from)
        if (!skipping) begun += part.slice(from, next < 0 ? part.length : next)
        if (next >= 0 ? !skipping : begun.length > longestLine + margin) {
          look(begun)
          begun = ''
          skipping = true
        }
        if (next < 0) break
        if (ends) shown += '\n'
        skipping = false
        from = next + 1
      }
      // A key whose beginning was cut off is known only by its end.
      return shown.length >= slice ? taken() : ''
    },
    end() {
      if (begun !== '') look(begun)
      begun = ''
      return taken()
    },
    breakOff() {
      begun = ''
      return taken()
    },
    cuts: () => cut,
  }
}

/** A text in which everything was hidden already, whole lines at a time, so that no character is cut in two. */
export function linesAsTheyAre(): RedactedLines {
  let begun = ''
  return {
    push(part) {
      const all = begun + part
      const end = all.lastIndexOf('\n') + 1
      begun = all.slice(end)
      return all.slice(0, end)
    },
    end() {
      const last = begun
      begun = ''
      return last
    },
    breakOff() {
      begun = ''
      return ''
    },
    cuts: () => 0,
  }
}
