import { keysHidden } from '../../domain/text/keys-hidden.ts'
import { redact } from '../../domain/text/redact.ts'

/** Lines are gathered to pieces of this size, in characters. */
const piece = 64 * 1024

/** What is longer is cut. */
export const longestLine = 128 * 1024

/** Of a long line this much more is judged than is shown: a secret at the cut is seen whole. */
const margin = 4 * 1024

export type RedactedLines = {
  /** Takes the next part of the text and gives what may be shown by now: whole lines, or nothing. */
  push(part: string): string
  /**
   * What is left. A line without its end is shown only when the text is over: half a secret is not
   * always told from a word.
   */
  end(over: boolean): string
  /** How many lines were cut. */
  cuts(): number
}

/**
 * A text as it may be kept, however it was cut into parts: a secret that came in two of them is
 * hidden, and so is a key that spans lines, from its first to its last.
 */
export function redactedLines(): RedactedLines {
  const withoutKeys = keysHidden()
  let whole = ''
  let begun = ''
  let skipping = false
  let cut = 0

  function shown(): string {
    const text = redact(withoutKeys(whole))
    whole = ''
    return text
  }

  return {
    push(part) {
      let text = part
      if (skipping) {
        const next = text.indexOf('\n')
        if (next < 0) return ''
        text = text.slice(next)
        skipping = false
      }
      const end = text.lastIndexOf('\n') + 1
      if (end > 0) {
        whole += begun + text.slice(0, end)
        begun = ''
      }
      begun += text.slice(end)
      if (begun.length > longestLine + margin) {
        const before = shown()
        const line = redact(withoutKeys(begun.slice(0, longestLine + margin)))
        begun = ''
        skipping = true
        cut += 1
        return `${before}${line.slice(0, longestLine)}…`
      }
      return whole.length >= piece ? shown() : ''
    },
    end(over) {
      if (over) whole += begun
      begun = ''
      return shown()
    },
    cuts: () => cut,
  }
}
