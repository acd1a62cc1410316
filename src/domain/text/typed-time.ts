/* oxlint-disable no-restricted-globals -- a calendar asks no clock */

import { civilIn, isZone, jumpBetween, momentsOf, type Civil } from './zone-time.ts'

/** What somebody typed as a time, read where they are. Moments are ISO times in UTC. */
export type TypedTime =
  | { readonly kind: 'moment'; readonly at: string }
  /** Clocks went back: there were two of it. */
  | { readonly kind: 'twice'; readonly earlier: string; readonly later: string }
  /** Clocks went forward over it, or there is no such day. */
  | { readonly kind: 'never' }
  | { readonly kind: 'not-yet' }
  | { readonly kind: 'not-read' }

/** Somebody's clock may be a little ahead of ours. */
const AHEAD_MS = 2 * 60_000

const CLOCK = String.raw`(?:at\s+)?(\d{1,2})(?:[:.](\d{2})(?:[:.](\d{2}))?)?\s*([ap]\.?m\.?)?`
const ZONE = String.raw`(?:\s*(z|utc|gmt|[+-]\d{2}:?\d{2}))?`
const ON_A_DAY = new RegExp(
  String.raw`^(?:(today|yesterday)|(\d{4})-(\d{2})-(\d{2}))(?:t|,?\s+)${CLOCK}${ZONE}$`,
  'i',
)
const ALONE = new RegExp(`^${CLOCK}${ZONE}$`, 'i')

type Clock = Pick<Civil, 'hour' | 'minute' | 'second'>
type Day = Pick<Civil, 'year' | 'month' | 'day'>

/**
 * "2:30", "at 2:30", "2:30 pm", "14:05:10", "yesterday 23:10", "2026-11-22 02:30", "2026-11-22T02:30Z". Without
 * a day it is the newest such time that is not ahead of us; without a zone it is theirs.
 */
export function readTypedTime(typed: string, zone: string, nowMs: number): TypedTime {
  const text = typed.slice(0, 100).trim().replace(/\s+/g, ' ')
  const [, named, year, month, day, ...clockOnDay] = ON_A_DAY.exec(text) ?? []
  const alone = ALONE.exec(text)?.slice(1)
  const onDay = named !== undefined || year !== undefined
  const [hour, minute, second, half, own] = onDay ? clockOnDay : (alone ?? [])
  const clock = clockOf(hour, minute, second, half)
  if (!clock) return { kind: 'not-read' }
  const there = own === undefined ? zone : zoneOf(own)
  if (!isZone(there)) return { kind: 'not-read' }
  const today = civilIn(nowMs, there)
  if (year !== undefined) {
    const exact = { year: Number(year), month: Number(month), day: Number(day) }
    return isDay(exact) ? onThatDay(exact, clock, there, nowMs) : { kind: 'never' }
  }
  if (named?.toLowerCase() === 'yesterday') return onThatDay(before(today), clock, there, nowMs)
  const read = onThatDay(today, clock, there, nowMs)
  return onDay || read.kind !== 'not-yet' ? read : onThatDay(before(today), clock, there, nowMs)
}

function onThatDay(day: Day, clock: Clock, zone: string, nowMs: number): TypedTime {
  const civil = { year: day.year, month: day.month, day: day.day, ...clock }
  const all = momentsOf(civil, zone)
  if (all.length === 0) {
    const jump = jumpBetween(civil, zone)
    return { kind: jump !== null && jump > nowMs ? 'not-yet' : 'never' }
  }
  const [earlier, later] = all
    .filter((ms) => ms <= nowMs + AHEAD_MS)
    .map((ms) => new Date(ms).toISOString())
  if (earlier === undefined) return { kind: 'not-yet' }
  return later === undefined ? { kind: 'moment', at: earlier } : { kind: 'twice', earlier, later }
}

function clockOf(
  hour: string | undefined,
  minute: string | undefined,
  second: string | undefined,
  half: string | undefined,
): Clock | null {
  // "7" could be anything; "7 pm" is a time.
  if (hour === undefined || (minute === undefined && half === undefined)) return null
  const typed = Number(hour)
  if (half !== undefined && (typed < 1 || typed > 12)) return null
  const late = half?.toLowerCase().startsWith('p') ?? false
  const clock = {
    hour: half === undefined ? typed : (typed % 12) + (late ? 12 : 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
  }
  return clock.hour < 24 && clock.minute < 60 && clock.second < 60 ? clock : null
}

function zoneOf(own: string): string {
  if (/^[a-z]/i.test(own)) return 'UTC'
  return `${own.slice(0, 3)}:${own.slice(-2)}`
}

function isDay({ year, month, day }: Day): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** The day before, as calendars have it. */
function before({ year, month, day }: Day): Day {
  const date = new Date(Date.UTC(year, month - 1, day - 1))
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
  }
}
