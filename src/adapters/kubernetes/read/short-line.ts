import { redact } from '../../../domain/text/redact.ts'

export const LONGEST_LINE = 200

/** What the cluster says, on one short line, without what looks like a secret. */
export function shortLine(text: string): string {
  const flat = redact(text).replaceAll(/\s+/g, ' ').trim()
  return flat.length <= LONGEST_LINE ? flat : `${flat.slice(0, LONGEST_LINE - 1)}…`
}
