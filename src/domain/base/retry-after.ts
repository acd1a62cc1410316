import { toMs } from './instant.ts'

/** A wrong answer, or a hostile one, must not silence the bot for hours: nobody is obeyed for longer. */
export const LONGEST_WAIT_MS = 60_000

/** The wait that is obeyed; `null` when none was asked for that makes sense, so that ours is taken. */
export function obeyedWaitMs(askedMs: number | null): number | null {
  // No wait at all is none that makes sense: it would be asked again and again without a pause.
  if (askedMs === null || Number.isNaN(askedMs) || askedMs <= 0) return null
  return Math.min(askedMs, LONGEST_WAIT_MS)
}

/** `Retry-After` is seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  const text = header?.trim() ?? ''
  if (/^\d+$/.test(text)) return obeyedWaitMs(Number(text) * 1_000)
  // Every form of the date names its day first; a parser takes much else for one.
  return /^[A-Z][a-z]{2}/.test(text) ? obeyedWaitMs(toMs(text) - nowMs) : null
}
