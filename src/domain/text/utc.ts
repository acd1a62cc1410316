/** "03:12:07 UTC" of an ISO time: where nobody's zone is known. */
export function utcTime(iso: string): string {
  return `${iso.slice(11, 19)} UTC`
}

/** "2026-03-01 03:12 UTC". */
export function utcDayAndTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}
