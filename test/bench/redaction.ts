import { redactedLines, slicesOf } from '../../src/domain/text/redacted-lines.ts'
import { ratioWithin } from './outcome.ts'
import type { Outcome } from './outcome.ts'

const LENGTH = 1024 * 1024
const USUAL =
  '2026-11-22T03:12:07.412Z info request finished method=GET path=/api/projects/17 status=200 ms=31\n'

/** What once took a minute: it begins like a secret, again and again, and never becomes one. */
const HOSTILE = '-eyJaaaaa'

/** Not so long that it is cut. */
const LONG_LINE = 30 * 1024

/** A megabyte that somebody wrote to hold us up, against a megabyte of an ordinary log; and the longest turn of both. */
export const redaction = async (): Promise<readonly Outcome[]> => [
  await against('one line without end', HOSTILE),
  await against('lines of 30 KiB', `${HOSTILE.repeat(Math.floor(LONG_LINE / HOSTILE.length))}\n`),
]

const against = (what: string, unit: string): Promise<Outcome> => {
  const turns = { longestMs: 0 }
  return ratioWithin({
    what: `hiding secrets in a megabyte, ${what}, against an ordinary log`,
    gate: 5,
    sides: {
      subject: async () => hiddenIn(unit, turns),
      baseline: async () => hiddenIn(USUAL, turns),
    },
    more: () => [`longest turn ${turns.longestMs.toFixed(1)} ms`],
  })
}

/** How long it takes, in the slices between which everybody else has their turn. */
const hiddenIn = (unit: string, turns: { longestMs: number }): number => {
  const text = unit.repeat(Math.ceil(LENGTH / unit.length)).slice(0, LENGTH)
  const lines = redactedLines()
  let tookMs = 0
  for (const slice of slicesOf(text)) {
    const beganMs = performance.now()
    lines.push(slice)
    const turnMs = performance.now() - beganMs
    tookMs += turnMs
    turns.longestMs = Math.max(turns.longestMs, turnMs)
  }
  lines.end()
  return tookMs
}
