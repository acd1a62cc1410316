import { redact } from '../../../domain/text/redact.ts'

const LONGEST_LINE = 300

/** What a host says, on one short line, without what looks like a secret. */
export function shortLine(text: string): string {
  const flat = redact(text).replaceAll(/\s+/g, ' ').trim()
  return flat.length <= LONGEST_LINE ? flat : `${flat.slice(0, LONGEST_LINE - 1)}…`
}
