/* oxlint-disable no-restricted-globals -- reading and writing a time asks no clock */

/** Milliseconds since the epoch, of a time as the journal, or an HTTP header, has it. */
export function toMs(at: string): number {
  return Date.parse(at)
}

export function toIso(ms: number): string {
  return new Date(ms).toISOString()
}
