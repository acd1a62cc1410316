import { z } from 'zod'

/** Looks at even distances: the first so long after the start, and so many of them. */
const Stretch = z.object({
  firstMs: z.int().positive(),
  everyMs: z.int().positive(),
  times: z.int().positive(),
})

/** When looks are due, one stretch after the other. */
export const Schedule = z.array(Stretch).min(1).max(5).readonly()
export type Schedule = z.infer<typeof Schedule>

/** Which stretch a look belongs to: `half-hour` is close, `day` is the runbook's extended monitoring. */
export type WatchPart = 'half-hour' | 'day'

/** How to look: `day-after` is a look of the day whose hour yesterday was in the incident already. */
export type LookPart = WatchPart | 'day-after'

const CLOSE = { everyMs: 10_000, forMs: 30 * 60_000 } as const
const DAY_EVERY_MS = 5 * 60_000
const HOUR_MS = 60 * 60_000

/** Production is bad for some time before anybody opens an incident. */
const UNNOTICED_MS = HOUR_MS

/** The first half hour after a rollback, and all of a watch that was started before there was more. */
export const HALF_HOUR: Schedule = [
  { firstMs: CLOSE.everyMs, everyMs: CLOSE.everyMs, times: CLOSE.forMs / CLOSE.everyMs },
]

/**
 * The half hour, and after it a look every five minutes until so many hours are over: at even minutes of the
 * clock, so that of many incidents each look is one. `hours`: 0 for the half hour alone.
 */
export function scheduleFrom(startMs: number, hours: number): Schedule {
  const firstMs = Math.floor((startMs + CLOSE.forMs) / DAY_EVERY_MS + 1) * DAY_EVERY_MS - startMs
  const times = Math.floor((hours * HOUR_MS - firstMs) / DAY_EVERY_MS) + 1
  return times > 0 ? [...HALF_HOUR, { firstMs, everyMs: DAY_EVERY_MS, times }] : HALF_HOUR
}

/** How many looks were due by then; the first is 1. */
export function dueBy(schedule: Schedule, sinceMs: number): number {
  return schedule.reduce((sum, { firstMs, everyMs, times }) => {
    const past = Math.floor((sinceMs - firstMs) / everyMs) + 1
    return sum + Math.min(Math.max(past, 0), times)
  }, 0)
}

/** How long after the start a look is due; 0 is the start itself. */
export function dueAfterMs(schedule: Schedule, due: number): number {
  const found = stretchOf(schedule, due)
  return found ? found.firstMs + (found.index - 1) * found.everyMs : 0
}

/** How far the looks are apart where this one is. */
export function everyMsAt(schedule: Schedule, due: number): number {
  return stretchOf(schedule, due)?.everyMs ?? CLOSE.everyMs
}

export function partOf(schedule: Schedule, due: number): WatchPart {
  return everyMsAt(schedule, due) > CLOSE.everyMs ? 'day' : 'half-hour'
}

/** `troubleSinceMs`: when the incident was opened. What lies after it is nothing to compare with. */
export function lookPartOf(
  schedule: Schedule,
  due: number,
  { nowMs, troubleSinceMs }: { readonly nowMs: number; readonly troubleSinceMs: number },
): LookPart {
  const part = partOf(schedule, due)
  const isAfter = nowMs - 24 * HOUR_MS >= troubleSinceMs - UNNOTICED_MS
  return part === 'day' && isAfter ? 'day-after' : part
}

/** All of them. */
export function timesIn(schedule: Schedule): number {
  return schedule.reduce((sum, { times }) => sum + times, 0)
}

/** How long after the start the last one is due. */
export function lastsMs(schedule: Schedule): number {
  return dueAfterMs(schedule, timesIn(schedule))
}

/** The stretch of a look, and which of its looks it is; what comes after the last belongs to the last. */
function stretchOf(schedule: Schedule, due: number) {
  let index = due
  for (const [at, stretch] of schedule.entries()) {
    if (index >= 1 && (index <= stretch.times || at === schedule.length - 1)) {
      return { ...stretch, index }
    }
    index -= stretch.times
  }
  return null
}
