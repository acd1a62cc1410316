/* oxlint-disable no-restricted-globals -- a calendar asks no clock */

/** A date and a time as clocks show them somewhere. */
export type Civil = {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

const HOUR_MS = 60 * 60_000

/** No zone is further from UTC, and none changes twice in so short a time. */
const FAR_MS = 16 * HOUR_MS

const formats = new Map<string, Intl.DateTimeFormat>()

/** More would be somebody's invention. */
const MOST_FORMATS = 100

/** Whether clocks are known to run so: `Europe/Berlin`, `+10:00`. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

/** What clocks show there at this moment. */
export function civilIn(ms: number, zone: string): Civil {
  const found = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes): number => found.get(type) ?? 0
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  }
}

/** "2026-10-25 02:30:00 +02:00", of an ISO time. */
export function shownIn(
  iso: string,
  zone: string,
): { readonly time: string; readonly offset: string } {
  const ms = Date.parse(iso)
  const { year, month, day, hour, minute } = civilIn(ms, zone)
  const minutes = Math.round(offsetMs(ms, zone) / 60_000)
  const from = Math.abs(minutes)
  return {
    time: `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}`,
    offset: `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(from / 60))}:${two(from % 60)}`,
  }
}

/** The moments at which clocks show this there, the earlier first: mostly one, none or two where they change. */
export function momentsOf(civil: Civil, zone: string): readonly number[] {
  const guess = asUtc(civil)
  const found = new Set<number>()
  for (let at = guess - FAR_MS; at <= guess + FAR_MS; at += 4 * HOUR_MS) {
    const offset = offsetMs(at, zone)
    if (offsetMs(guess - offset, zone) === offset) found.add(guess - offset)
  }
  return [...found].toSorted((a, b) => a - b)
}

/** When clocks were put over this; `null`: they were not. */
export function jumpBetween(civil: Civil, zone: string): number | null {
  let before = asUtc(civil) - FAR_MS
  let after = asUtc(civil) + FAR_MS
  const offset = offsetMs(before, zone)
  if (offsetMs(after, zone) === offset) return null
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000
    if (offsetMs(middle, zone) === offset) before = middle
    else after = middle
  }
  return after
}

/** How far clocks there are ahead of UTC at this moment. */
function offsetMs(ms: number, zone: string): number {
  const whole = Math.floor(ms / 1000) * 1000
  return asUtc(civilIn(whole, zone)) - whole
}

function asUtc({ year, month, day, hour, minute, second }: Civil): number {
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US-u-hc-h23-ca-iso8601-nu-latn', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  if (formats.size >= MOST_FORMATS) formats.clear()
  formats.set(zone, format)
  return format
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
