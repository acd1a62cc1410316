import { toIso } from '../../domain/base/instant.ts'
import type { Window } from '../../domain/chart/chart.ts'

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const HALF_DAY_MS = 12 * 60 * 60_000

/** "03:14" */
export function clock(ms: number): string {
  return toIso(ms).slice(11, 16)
}

/** "22 Nov" */
export function day(ms: number): string {
  const [, month = '1', date = '1'] = toIso(ms).slice(0, 10).split('-')
  return `${Number(date)} ${MONTHS[Number(month) - 1] ?? ''}`
}

export function isMidnight(ms: number): boolean {
  return toIso(ms).slice(11, 19) === '00:00:00'
}

/** "03:14", with its day where the window is so long that there could be two of them. */
export function moment(ms: number, window: Window): string {
  return isLong(window) ? `${day(ms)} ${clock(ms)}` : clock(ms)
}

export function isLong({ fromMs, toMs }: Window): boolean {
  return toMs - fromMs >= HALF_DAY_MS
}
