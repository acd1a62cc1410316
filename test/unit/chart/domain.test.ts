import { describe, expect, test } from 'vitest'
import {
  badTimes,
  gapsOf,
  newest,
  newestNow,
  stepsIn,
  type Mark,
  type Panel,
} from '../../../src/domain/chart/chart.ts'
import { marksOf } from '../../../src/domain/chart/marks.ts'
import { chartOccasions } from '../../../src/domain/chart/occasions.ts'
import { chartWindow } from '../../../src/domain/chart/window.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { newIncident, type Incident } from '../../../src/domain/incident/incident.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const BEGAN = Date.UTC(2026, 10, 22, 3, 2, 7)
const BY = 'U0ANA'
const iso = (ms: number) => new Date(ms).toISOString()

/** An incident with these moments, so many minutes after it began. */
function lived(...moments: readonly (readonly [minutes: number, event: Event])[]): Incident {
  const opened = {
    by: BY,
    at: iso(BEGAN),
    place: { channel: 'C1', thread: null },
    environment: null,
  }
  const timeline = moments.map(([minutes, event], index) => {
    return { at: iso(BEGAN + minutes * MINUTE), sequence: index + 1, event }
  })
  const end = timeline.find(({ event }) => event.type === 'incident-closed')
  const declared = {
    by: BY,
    at: iso(BEGAN),
    channel: 'C1',
    title: 'it is slow',
    severity: null,
    description: '',
    services: [],
    procedure: null,
    toVersion: null,
  }
  const closed = end ? { by: BY, at: end.at, closing: null } : null
  return { ...newIncident('20261122-abcd'), opened, declared, timeline, closed }
}

const turned = (to: 'stable' | 'relapse' | 'blind' | 'settling'): Event => {
  return { type: 'watch-turned', watch: 1, to }
}
const closing: Event = { type: 'incident-closed', by: BY }
const over: Event = { type: 'watch-ended', watch: 1, because: 'over' }

describe('the time that is drawn', () => {
  test.each([
    { lasts: 9 * MINUTE, stepMs: 15_000 },
    { lasts: 2 * HOUR, stepMs: 30_000 },
    { lasts: 24 * HOUR, stepMs: 300_000 },
    { lasts: 40 * 24 * HOUR, stepMs: 21_600_000 },
    { lasts: 900 * 24 * HOUR, stepMs: 194_897_000 },
  ])('of $lasts ms: from an hour before to now, in steps of $stepMs ms', ({ lasts, stepMs }) => {
    const nowMs = BEGAN + lasts
    const window = chartWindow(lived(), nowMs)
    expect(window).not.toBeNull()
    if (!window) return
    expect(window.stepMs).toBe(stepMs)
    expect(stepsIn(window)).toBeLessThanOrEqual(401)
    expect(window.fromMs).toBeLessThanOrEqual(BEGAN - HOUR)
    expect(window.fromMs).toBeGreaterThan(BEGAN - HOUR - 2 * stepMs)
    expect(window.toMs).toBeLessThanOrEqual(nowMs)
    expect(window.toMs).toBeGreaterThan(nowMs - stepMs)
  })

  test('of a closed one ends with it, however much later it is drawn', () => {
    const window = chartWindow(lived([30, closing]), BEGAN + 5 * HOUR)
    expect(window?.toMs).toBe(Math.floor((BEGAN + 30 * MINUTE) / 15_000) * 15_000)
  })

  test('is none before anything has begun', () => {
    expect(chartWindow(newIncident('20261122-abcd'), BEGAN)).toBeNull()
  })
})

describe('when a picture is drawn', () => {
  const whys = (incident: Incident) => chartOccasions(incident).map(({ why }) => why)

  test.each<{ name: string; moments: [number, Event][]; drawn: string[] }>([
    {
      name: 'each turn and each end',
      moments: [
        [5, turned('stable')],
        [20, turned('relapse')],
        [40, over],
        [60, closing],
      ],
      drawn: ['stable', 'relapse', 'over', 'closed'],
    },
    { name: 'not yet stable is nothing to show', moments: [[5, turned('settling')]], drawn: [] },
    {
      name: 'turns in quick succession share one',
      moments: [
        [5, turned('blind')],
        [8, turned('stable')],
      ],
      drawn: ['blind'],
    },
    {
      name: 'what is bad is shown sooner',
      moments: [
        [5, turned('stable')],
        [7, turned('relapse')],
      ],
      drawn: ['stable', 'relapse'],
    },
    {
      name: 'the end is always shown',
      moments: [
        [5, turned('stable')],
        [5, closing],
      ],
      drawn: ['stable', 'closed'],
    },
    {
      name: 'a watch that was stopped is no occasion',
      moments: [[5, { type: 'watch-ended', watch: 1, because: 'stopped' }]],
      drawn: [],
    },
  ])('$name', ({ moments, drawn }) => {
    expect(whys(lived(...moments))).toEqual(drawn)
  })

  test('at most eight, the last of them for the end', () => {
    const flapping = Array.from({ length: 40 }, (_, index): [number, Event] => [
      10 * index,
      turned(index % 2 === 0 ? 'stable' : 'relapse'),
    ])
    const drawn = whys(lived(...flapping, [500, closing]))
    expect(drawn).toHaveLength(8)
    expect(drawn.at(-1)).toBe('closed')
  })

  test('each has a name of its own, which stays as more happens', () => {
    const before = chartOccasions(lived([5, turned('stable')]))
    const after = chartOccasions(lived([5, turned('stable')], [20, turned('relapse')]))
    expect(after[0]).toEqual(before[0])
    expect(new Set(after.map(({ key }) => key)).size).toBe(2)
  })

  test('none of what nobody has declared: it has no thread', () => {
    expect(whys({ ...lived([5, turned('stable')]), declared: null })).toEqual([])
  })
})

describe('what is marked', () => {
  const kinds = (incident: Incident) => marksOf(incident).marks.map(({ kind }) => kind)
  const signs = (plan: number): Event => ({
    type: 'plan-approved',
    plan,
    by: BY,
    human: BY,
    digest: 'd',
    expiresAt: iso(BEGAN + HOUR),
  })
  const starts = (plan: number): Event => ({ type: 'run-started', plan })

  test('of the signatures only the one that a plan was begun with', () => {
    const incident = lived(
      [1, signs(1)],
      [2, signs(1)],
      [3, starts(1)],
      [9, signs(2)],
      [9, closing],
    )
    expect(kinds(incident)).toEqual(['detected', 'signed', 'closed'])
    expect(marksOf(incident).marks[1]?.atMs).toBe(BEGAN + 2 * MINUTE)
  })

  test.each([
    ['succeeded', 'done'],
    ['incomplete', 'done'],
    ['failed', 'failed'],
    ['aborted', 'failed'],
    ['out-of-time', 'failed'],
  ] as const)('a run that ended %s is marked %s', (outcome, kind) => {
    expect(kinds(lived([5, { type: 'run-ended', plan: 1, outcome, says: '' }]))).toEqual([
      'detected',
      kind,
    ])
  })

  test('a run that wrote nothing is not marked', () => {
    const ended: Event = { type: 'run-ended', plan: 1, outcome: 'gate-closed', says: '' }
    expect(kinds(lived([5, ended]))).toEqual(['detected'])
  })

  test('of many the first and the last, and how many are left out', () => {
    const many = Array.from({ length: 20 }, (_, index): [number, Event] => [
      index,
      turned(index % 2 === 0 ? 'stable' : 'relapse'),
    ])
    const { marks, leftOut } = marksOf(lived(...many))
    expect(marks).toHaveLength(8)
    expect(marks[0]?.kind).toBe('detected')
    expect(marks.at(-1)?.atMs).toBe(BEGAN + 19 * MINUTE)
    expect(leftOut).toBe(13)
  })
})

test('a reopened incident is not over: it is marked, and not well again', () => {
  const { marks } = marksOf(lived([5, closing], [9, { type: 'incident-reopened', by: BY }]))
  expect(marks.map(({ kind }) => kind)).toEqual(['detected', 'closed', 'reopened'])
  const window = { fromMs: BEGAN - HOUR, toMs: BEGAN + HOUR, stepMs: MINUTE }
  expect(badTimes({ marks, window }).at(-1)).toEqual({
    fromMs: BEGAN + 9 * MINUTE,
    toMs: BEGAN + HOUR,
  })
})

test('production was not well from each bad moment to the next good one, or until now', () => {
  const window = { fromMs: 0, toMs: 100, stepMs: 1 }
  const marks: Mark[] = [
    { atMs: 10, kind: 'detected' },
    { atMs: 12, kind: 'signed' },
    { atMs: 20, kind: 'stable' },
    { atMs: 50, kind: 'relapse' },
  ]
  expect(badTimes({ marks, window })).toEqual([
    { fromMs: 10, toMs: 20 },
    { fromMs: 50, toMs: 100 },
  ])
})

describe('what is missing', () => {
  const panel = (...values: Panel['values']): Panel => ({ id: 'errors', values, remark: null })
  const window = { fromMs: 0, toMs: 50, stepMs: 10 }

  test('is told apart by its reason, and from where to where', () => {
    const values = [1, 'no-data', 'no-data', 'no-traffic', 2, 'no-data'] as const
    expect(gapsOf(panel(...values))).toEqual([
      { from: 1, to: 2, why: 'no-data' },
      { from: 3, to: 3, why: 'no-traffic' },
      { from: 5, to: 5, why: 'no-data' },
    ])
  })

  test('an old number is not the number of now (J10)', () => {
    const old = panel(1, 2, 'no-data', 'no-data', 'no-data', 'no-data')
    expect(newest(old, window)).toEqual({ value: 2, atMs: 10 })
    expect(newestNow(old, window)).toBeNull()
    expect(newestNow(panel(1, 2, 3, 4, 5, 6), window)).toEqual({ value: 6, atMs: 50 })
  })
})
