const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** As people read a clock, in milliseconds. */
const TICKS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((days) => days * DAY_MS),
]

/** Where numbers of one kind come to stand on a line of pixels. */
export type Scale = (value: number) => number

export function linear(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): Scale {
  const length = to - from || 1
  return (value) => start + ((value - from) / length) * (end - start)
}

/** The round numbers of a clock within a time, as dense as may be with at most so many. */
export function timeTicks(fromMs: number, toMs: number, most: number): readonly number[] {
  const step = TICKS_MS.find((one) => (toMs - fromMs) / one < most) ?? TICKS_MS.at(-1) ?? DAY_MS
  const first = Math.ceil(fromMs / step) * step
  const count = Math.max(0, Math.floor((toMs - first) / step) + 1)
  return Array.from({ length: Math.min(count, most) }, (_, index) => first + index * step)
}

/** A round number that is not below it, and at least `least`: the end of an axis that begins at 0. */
export function roundAbove(value: number, least: number): number {
  const wanted = Math.max(value, least)
  const power = 10 ** Math.floor(Math.log10(wanted))
  const digit = [1, 2, 3, 4, 5, 6, 8, 10].find((one) => one * power >= wanted * 0.999_999)
  return (digit ?? 10) * power
}
