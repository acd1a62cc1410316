import { z } from 'zod'
import { toIso } from '../base/instant.ts'

export const TROUBLES = ['errors', 'logins', 'latency', 'client-errors', 'traffic'] as const
export type Trouble = (typeof TROUBLES)[number]

/** When a trouble began, between two moments; `after` is `null` where it was so already when the look begins. */
export const Onset = z.object({
  of: z.enum(TROUBLES),
  /** Seen in the number of this service alone; left out: in that of all. */
  service: z.string().optional(),
  after: z.iso.datetime().nullable(),
  by: z.iso.datetime(),
  /** Since when it is over; `null`: it is not. */
  overSince: z.iso.datetime().nullable(),
})
export type Onset = z.infer<typeof Onset>

/** Between which moments a trouble began. */
export const TroubleBegan = Onset.pick({ after: true, by: true })
export type TroubleBegan = z.infer<typeof TroubleBegan>

/** A number over some time; `null`: there was none. More of it is worse. */
export type Course = {
  readonly values: readonly (number | null)[]
  readonly fromMs: number
  readonly stepMs: number
  /** Each number is taken over so long before its moment. */
  readonly overMs: number
}

/** What counts as trouble. */
type Bad = {
  /** By less than this it is noise. */
  readonly atLeast: number
  /** From here on it is bad, whatever was usual; left out: nothing is by itself. */
  readonly badFrom?: number
}

/** Fewer say nothing of what is usual. */
const FEWEST = 10

/** Part of the way from what is usual to what is now: a window that is just entered shows little of it. */
const NOTICED = 0.2

/** So many good steps between two bad ones are the same trouble. */
const GOOD_STEPS = 3

/** The trouble of now is seen in its newest steps. */
const NEWEST = 12

/** The first lasting departure from what is usual that reaches until now, or did until lately; `null`: none is seen. */
export function onsetOf(of: Trouble, course: Course, bad: Bad): Onset | null {
  const { values, fromMs, stepMs, overMs } = course
  const known = values.filter((value) => value !== null)
  const newest = values.slice(-NEWEST).filter((value) => value !== null)
  if (known.length < FEWEST || newest.length === 0) return null
  const high = Math.max(...newest)
  const usual = Math.min(usualOf(known), bad.badFrom ?? Infinity)
  if (high - usual < bad.atLeast) return null
  const level = usual + NOTICED * (high - usual)
  const isBad = (index: number) => (values[index] ?? -Infinity) > level
  const last = values.findLastIndex((_, index) => isBad(index))
  const first = beginning(values, last, isBad)
  const before = values.findLastIndex((value, index) => index < first && value !== null)
  const at = (index: number) => fromMs + index * stepMs
  const goodSince = values.findIndex((value, index) => index > last && value !== null)
  const isOver = values.slice(last + 1).filter((value) => value !== null).length > 1
  // A window that is filling shows it later than it began, and where noise hides it later still.
  const late = overMs * Math.min(1, (level - usual + bad.atLeast) / (high - usual - bad.atLeast))
  return {
    of,
    after: before < 0 ? null : toIso(at(before) - late),
    by: toIso(at(first)),
    overSince: isOver ? toIso(Math.max(at(last), at(goodSince) - overMs)) : null,
  }
}

/** What most of the time is not below, and some of it is. */
function usualOf(known: readonly number[]): number {
  const sorted = known.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 4)] ?? 0
}

function beginning(
  values: Course['values'],
  last: number,
  isBad: (index: number) => boolean,
): number {
  let first = last
  let good = 0
  for (let index = last; index >= 0 && good <= GOOD_STEPS; index -= 1) {
    if (isBad(index)) {
      first = index
      good = 0
    } else if (values[index] !== null) good += 1
  }
  return first
}
