import { lineRedactor } from './redaction/line-redactor.ts'
import { withoutEndOfKey } from './redaction/private-keys.ts'

/**
 * The text without what looks like a credential. Safe to apply twice. Takes time in proportion to the
 * text, whatever stands in it. Where in doubt it hides too much.
 */
export function redact(text: string): string {
  let before = text
  // What is hidden may take a blank or a quote along that ended something: then more looks like a secret than before.
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const shown = withoutSeen(before)
    if (shown === before) break
    before = shown
  }
  return before
}

const MOST_ROUNDS = 5

function withoutSeen(text: string): string {
  const shownLine = lineRedactor()
  let shown = ''
  let from = 0
  while (from <= text.length) {
    const end = text.indexOf('\n', from)
    const { text: line, ends } = shownLine(text.slice(from, end < 0 ? text.length : end))
    shown += line
    if (end < 0) break
    if (ends) shown += '\n'
    from = end + 1
  }
  return withoutEndOfKey(shown)
}
