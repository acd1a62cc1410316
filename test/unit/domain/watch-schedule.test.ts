import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  dueAfterMs,
  dueBy,
  everyMsAt,
  HALF_HOUR,
  lastsMs,
  lookPartOf,
  partOf,
  scheduleFrom,
  timesIn,
} from '../../../src/domain/watch/schedule.ts'
import {
  dueLook,
  heldAgainst,
  takingWhatRuns,
  isOver,
  newWatch,
  unseenSince,
  watched,
  type Watch,
} from '../../../src/domain/watch/watch.ts'
import { at, atMs } from '../../support/builders.ts'
import { iso, lookOf } from '../../support/plan-story.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY = scheduleFrom(atMs, 24)

const Starts = fc.integer({ min: 0, max: 4_000_000_000_000 })

test.each([
  ['of the half hour', 180, 24, 'half-hour'],
  ['of the day, before yesterday reaches it', 181, 23 - 1 / 60, 'day'],
  ['of the day, as soon as yesterday is an hour before the incident', 181, 23, 'day-after'],
  ['of the day, long after', 400, 30, 'day-after'],
] as const)('a look %s knows whether yesterday was in the incident', (_, due, hours, part) => {
  const nowMs = atMs + hours * HOUR_MS
  expect(lookPartOf(DAY, due, { nowMs, troubleSinceMs: atMs })).toBe(part)
})

describe('a watch of a day', () => {
  test('looks every ten seconds for half an hour, and then about 282 times every five minutes', () => {
    fc.assert(
      fc.property(Starts, (startMs) => {
        const schedule = scheduleFrom(startMs, 24)
        expect(dueBy(schedule, 30 * MINUTE_MS)).toBe(180)
        expect(Math.abs(timesIn(schedule) - 180 - 282)).toBeLessThanOrEqual(1)
        expect(lastsMs(schedule)).toBeLessThanOrEqual(24 * HOUR_MS)
        expect(lastsMs(schedule)).toBeGreaterThan(24 * HOUR_MS - 5 * MINUTE_MS)
      }),
    )
  })

  test('is due at even minutes of the clock, so that every incident looks at the same moment', () => {
    fc.assert(
      fc.property(Starts, (startMs) => {
        const schedule = scheduleFrom(startMs, 24)
        const first = startMs + dueAfterMs(schedule, 181)
        expect(first % (5 * MINUTE_MS)).toBe(0)
        expect(first - startMs).toBeGreaterThan(30 * MINUTE_MS)
        expect(first - startMs).toBeLessThanOrEqual(35 * MINUTE_MS)
      }),
    )
  })

  test('costs a hundred incidents no more moments than a tenth of a hundred watches would', () => {
    const starts = Array.from({ length: 100 }, (_, index) => atMs + index * 36_171)
    const moments = starts.flatMap((startMs) => {
      const schedule = scheduleFrom(startMs, 24)
      const dues = Array.from({ length: timesIn(schedule) - 180 }, (_, index) => 181 + index)
      return dues.map((due) => startMs + dueAfterMs(schedule, due))
    })
    expect(new Set(moments).size).toBeLessThan(0.1 * moments.length)
  })

  test('knows each of its looks by its time, to the millisecond', () => {
    for (let due = 1; due <= timesIn(DAY); due += 1) {
      expect(dueBy(DAY, dueAfterMs(DAY, due))).toBe(due)
      expect(dueBy(DAY, dueAfterMs(DAY, due) - 1)).toBe(due - 1)
    }
    expect(dueBy(DAY, 99 * HOUR_MS)).toBe(timesIn(DAY))
  })

  test('tells what belongs to the half hour', () => {
    expect([1, 180, 181, 462].map((due) => partOf(DAY, due))).toEqual([
      'half-hour',
      'half-hour',
      'day',
      'day',
    ])
    expect([everyMsAt(DAY, 180), everyMsAt(DAY, 181)]).toEqual([10_000, 300_000])
  })
})

test.each([0, 0.5])('of %s hours there is nothing after the half hour', (hours) => {
  expect(scheduleFrom(atMs, hours)).toEqual(HALF_HOUR)
})

describe('after the half hour', () => {
  const half: Watch = { ...newWatch(1, 1, at, { schedule: DAY }), last: lookOf(180, 'healthy') }
  const later = (due: number) => atMs + dueAfterMs(DAY, due)
  const stable: Watch = { ...half, state: 'stable', goodInARow: 90 }
  const seen = (watch: Watch, due: number, look = lookOf(due, 'healthy')) =>
    watched(watch, look, iso(later(due)))

  test('the next look is due at its time and not before, and the watch is not over', () => {
    expect(dueLook(half, later(181) - 1)).toBeNull()
    expect(dueLook(half, later(181))).toBe(181)
    expect(isOver(half, later(181))).toBe(false)
    expect(isOver(half, later(timesIn(DAY)))).toBe(true)
  })

  test('two bad looks in a row are a relapse, one is not', () => {
    const one = seen(stable, 181, lookOf(181, 'degraded'))
    expect(one.state).toBe('settling')
    expect(seen(one, 182, lookOf(182, 'degraded')).state).toBe('relapse')
  })

  test('what had nothing to measure counts neither way', () => {
    const quiet = (due: number) => ({ ...lookOf(due, 'inconclusive'), quiet: true as const })
    const night = [181, 182, 183, 184, 185].reduce(
      (watch, due) => seen(watch, due, quiet(due)),
      stable,
    )
    expect(night).toMatchObject({ state: 'stable', goodInARow: 90, blindInARow: 0, looks: 5 })
    const silent = [181, 182, 183, 184].reduce(
      (watch, due) => seen(watch, due, lookOf(due, 'inconclusive')),
      stable,
    )
    expect(silent.state).toBe('blind')
  })

  test('a quiet look after blind ones has seen: it is not blind any more', () => {
    const blind = [181, 182, 183, 184].reduce(
      (watch, due) => seen(watch, due, lookOf(due, 'inconclusive')),
      stable,
    )
    expect(blind.state).toBe('blind')
    expect(seen(blind, 185, { ...lookOf(185, 'inconclusive'), quiet: true }).state).toBe('settling')
  })

  test('a fixed version that people say runs is no version that nobody wanted', () => {
    const watch = { ...stable, versions: { backend: ['v1.9.0'] } }
    const fixed = takingWhatRuns(watch, iso(later(181)))
    expect(fixed).toMatchObject({ state: 'settling', goodInARow: 0, versions: {} })
    const look = lookOf(182, 'healthy', 'v3.0.0')
    expect(heldAgainst(fixed, look)).toBe(look)
    expect(heldAgainst(watch, look).verdict).toBe('degraded')
    expect(seen(fixed, 182, look).versions).toEqual({ backend: ['v3.0.0'] })
  })

  test('nobody has looked once four looks are missing, which takes as long as they are apart', () => {
    const looked = { ...stable, lookedAt: iso(later(181)), last: lookOf(181, 'healthy') }
    expect(unseenSince(looked, later(185))).toBeNull()
    expect(unseenSince(looked, later(186))).toBe(iso(later(181)))
  })
})
