import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Verdict } from '../../../src/domain/assessment/verdict.ts'
import { attributed } from '../../../src/domain/watch/changed-by.ts'
import {
  dueLook,
  heldAgainst,
  isOver,
  LIMITS,
  newWatch,
  WATCH,
  watched,
} from '../../../src/domain/watch/watch.ts'
import { at, atMs, newestChange, VerdictArbitrary } from '../../support/builders.ts'
import { iso, later, lookOf, watchAfter } from '../../support/plan-story.ts'

const many = (count: number, verdict: Verdict): Verdict[] => Array(count).fill(verdict)

/** The first due time whose look tells of the time after the run. */
const SETTLED = WATCH.settlesMs / WATCH.everyMs

/** Watched from when bad looks count. */
const afterSettling = (...verdicts: (Verdict | null)[]) => watchAfter(verdicts, SETTLED)

describe('a watch', () => {
  test('begins unsettled, with nothing seen', () => {
    expect(newWatch(1, 1, at)).toMatchObject({ state: 'settling', looks: 0, last: null })
  })

  test('is stable after ten good looks in a row, not after nine', () => {
    expect(afterSettling(...many(9, 'healthy')).state).toBe('settling')
    expect(afterSettling(...many(10, 'healthy'))).toMatchObject({ state: 'stable', goodInARow: 10 })
  })

  test('finds a relapse with the second bad look in a row', () => {
    expect(afterSettling('degraded').state).toBe('settling')
    expect(afterSettling('degraded', 'healthy', 'degraded').state).toBe('settling')
    expect(afterSettling('degraded', 'degraded').state).toBe('relapse')
    expect(afterSettling(...many(10, 'healthy'), 'degraded', 'degraded').state).toBe('relapse')
  })

  test('is blind after four looks without an answer, whatever kept them from one', () => {
    expect(afterSettling(...many(3, 'unreachable')).state).toBe('settling')
    const mixed = afterSettling('unreachable', 'inconclusive', 'inconclusive', 'unreachable')
    expect(mixed).toMatchObject({ state: 'blind', blindInARow: 4 })
  })

  test('stays in a relapse until ten good looks in a row end it', () => {
    const relapsed = [...many(2, 'degraded'), ...many(9, 'healthy')]
    expect(afterSettling(...relapsed).state).toBe('relapse')
    expect(afterSettling(...relapsed, 'healthy').state).toBe('stable')
  })

  test('remembers since when it is what it is', () => {
    const stable = afterSettling(...many(14, 'healthy'))
    expect(stable.stateSince).toBe(iso(atMs + (SETTLED + 10) * WATCH.everyMs))
  })

  test('is not stable while every other look is bad', () => {
    const flapping = Array.from({ length: 40 }, (_, index) => (index % 2 ? 'degraded' : 'healthy'))
    expect(afterSettling(...many(10, 'healthy'), ...(flapping as Verdict[])).state).not.toBe(
      'stable',
    )
  })
})

describe('the time before the run ended', () => {
  test('is held against nobody: what is bad in the first 90 seconds does not count', () => {
    const early = watchAfter(many(SETTLED - 1, 'degraded'))
    expect(early).toMatchObject({ state: 'settling', badInARow: 0, looks: SETTLED - 1 })
    expect(watchAfter(many(SETTLED - 1, 'unreachable')).blindInARow).toBe(0)
  })

  test('ends to the due time: from then on two bad looks are a relapse', () => {
    expect(watchAfter(many(SETTLED, 'degraded')).badInARow).toBe(1)
    expect(watchAfter(many(SETTLED + 1, 'degraded')).state).toBe('relapse')
  })

  test('is held for nobody either: what is good in it does not count, and is not told as counted', () => {
    const early = watchAfter(many(SETTLED - 1, 'healthy'))
    expect(early).toMatchObject({ state: 'settling', goodInARow: 0, counted: 0 })
    expect(early.looks).toBe(SETTLED - 1)
    const counting = watchAfter(many(SETTLED + 3, 'healthy'))
    expect(counting).toMatchObject({ state: 'settling', goodInARow: 4, counted: 4 })
  })
})

describe('a due time at which nobody looked', () => {
  test('is forgiven once between two looks: the tick is never quite even', () => {
    expect(afterSettling('healthy', null, 'healthy')).toMatchObject({ goodInARow: 2 })
  })

  test('ends a row of good ones when there are more', () => {
    const gap = afterSettling(...many(9, 'healthy'), null, null, 'healthy')
    expect(gap).toMatchObject({ state: 'settling', goodInARow: 1 })
  })

  test('is counted as missed where the row has ended by it, each of them', () => {
    expect(watchAfter(['healthy', null, null, null, 'healthy']).missed).toBe(3)
    expect(watchAfter([null, null, 'healthy']).missed).toBe(2)
  })
})

const Looks = fc.array(fc.option(VerdictArbitrary), { maxLength: 60 })

describe('silence', () => {
  test('is never called healthy: stable needs ten good looks, none of them missed twice over', () => {
    let stable = 0
    fc.assert(
      fc.property(Looks, fc.nat({ max: 20 }), (looks, good) => {
        const verdicts = [...looks, ...many(good, 'healthy')]
        const { state, goodInARow } = afterSettling(...verdicts)
        const answered = verdicts.filter((verdict) => verdict === 'healthy').length
        expect(goodInARow).toBeLessThanOrEqual(answered)
        if (state !== 'stable') return
        stable += 1
        expect(answered).toBeGreaterThanOrEqual(LIMITS.good)
      }),
    )
    expect(stable).toBeGreaterThan(10)
  })

  test('and looks without an answer never make a watch stable', () => {
    const Blind = fc.constantFrom('inconclusive' as const, 'unreachable' as const, null)
    fc.assert(
      fc.property(fc.array(Blind, { maxLength: 60 }), (verdicts) => {
        const watch = watchAfter(verdicts)
        expect(watch.state === 'settling' || watch.state === 'blind').toBe(true)
        expect(watch.goodInARow).toBe(0)
      }),
    )
  })

  test('no row counts more than one kind of look', () => {
    fc.assert(
      fc.property(Looks, (verdicts) => {
        const { goodInARow, badInARow, blindInARow } = watchAfter(verdicts)
        expect([goodInARow, badInARow, blindInARow].filter((row) => row > 0).length).toBeLessThan(2)
      }),
    )
  })
})

describe('a look is due', () => {
  const due = (seconds: number, watch = newWatch(1, 1, at)) => dueLook(watch, later(seconds))

  test('every ten seconds, to the millisecond, and not at the start', () => {
    expect([-5, 0, 9.999, 10, 19.999, 20, 95].map((seconds) => due(seconds))).toEqual([
      null,
      null,
      null,
      1,
      1,
      2,
      9,
    ])
  })

  test('once: not again until the next time', () => {
    const looked = watchAfter(['healthy', 'healthy'])
    expect(due(29, looked)).toBeNull()
    expect(due(30, looked)).toBe(3)
    expect(due(5, looked)).toBeNull()
  })

  test('for the last time after half an hour, however late it is', () => {
    expect(due(30 * 60)).toBe(180)
    expect(due(99 * 60)).toBe(180)
    const all = watched(newWatch(1, 1, at), lookOf(180, 'healthy'), iso(later(30 * 60)))
    expect(due(99 * 60, all)).toBeNull()
  })

  test('no more once the watch has ended', () => {
    expect(due(60, { ...newWatch(1, 1, at), ended: { because: 'stopped', at } })).toBeNull()
  })

  test('and the watch is over after half an hour, to the millisecond', () => {
    const watch = newWatch(1, 1, at)
    expect(isOver(watch, later(30 * 60) - 1)).toBe(false)
    expect(isOver(watch, later(30 * 60))).toBe(true)
  })
})

describe('another version than when the watch began', () => {
  const first = lookOf(1, 'healthy', 'v1.9.0')
  const begun = watched(newWatch(1, 1, at), first, iso(later(10)))

  test('is bad, however healthy it says it is', () => {
    const seen = heldAgainst(begun, lookOf(2, 'healthy', 'v2.0.0'))
    expect(seen).toMatchObject({
      verdict: 'degraded',
      lines: [{ verdict: 'degraded', says: 'runs v2.0.0, not v1.9.0' }],
    })
  })

  test.each(['1.9.0', 'v1.9.0+3f2a91c'])('is not one that is only called otherwise: %s', (told) => {
    expect(heldAgainst(begun, lookOf(2, 'healthy', told)).verdict).toBe('healthy')
  })

  test('is told with who brought it, however its page calls it', () => {
    const seen = lookOf(2, 'healthy', '2.0.0')
    const by = { ...newestChange('backend'), images: ['shop/backend:v2.0.0'], by: 'ci-bot' }
    const { lines } = attributed(heldAgainst(begun, seen), seen, [by])
    expect(lines[0]?.changed).toEqual({ since: by.since, by: 'ci-bot' })
    const other = { ...by, images: ['shop/backend:v2.0.1'] }
    const unknown = attributed(heldAgainst(begun, seen), seen, [other])
    expect(unknown.lines[0]?.changed).toBeUndefined()
  })

  test('is not assumed where none is told, or none was', () => {
    for (const look of [lookOf(2, 'healthy', 'v1.9.0'), lookOf(2, 'unreachable')]) {
      expect(heldAgainst(begun, look)).toBe(look)
    }
    const look = lookOf(1, 'healthy', 'v2.0.0')
    expect(heldAgainst(newWatch(1, 1, at), look)).toBe(look)
  })

  test('is bad from the first look on, where the plan has said which one runs', () => {
    const planned = newWatch(1, 1, at, { versions: { backend: ['v1.9.0', 'v3'] } })
    expect(heldAgainst(planned, lookOf(1, 'healthy', 'v3')).verdict).toBe('healthy')
    const seen = heldAgainst(planned, lookOf(1, 'healthy', 'v2.0.0'))
    expect(seen).toMatchObject({
      verdict: 'degraded',
      lines: [{ says: 'runs v2.0.0, not v1.9.0 or v3' }],
    })
  })

  test('stays bad, and does not become the version that is expected', () => {
    const changed = lookOf(2, 'degraded', 'v2.0.0')
    const later20 = watched(begun, changed, iso(later(20)))
    expect(later20.versions).toEqual({ backend: ['v1.9.0'] })
    expect(heldAgainst(later20, lookOf(3, 'healthy', 'v2.0.0')).verdict).toBe('degraded')
  })
})

describe('a watch whose errors are measured over a longer time', () => {
  const settlesMs = 330_000
  const settled = settlesMs / WATCH.everyMs
  const slow = (due: number, verdict: Verdict, atOnce: Verdict = verdict) => {
    return { ...lookOf(due, verdict), settling: { untilMs: settlesMs, verdict: atOnce } }
  }
  const seen = (looks: readonly ReturnType<typeof slow>[]) =>
    looks.reduce(
      (watch, look) => watched(watch, look, iso(later((look.due * WATCH.everyMs) / 1000))),
      newWatch(1, 1, at),
    )
  const dues = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => from + index)

  test('counts nothing as good before they speak of now, and becomes stable ten looks later', () => {
    const before = dues(1, settled).map((due) => slow(due, 'healthy'))
    expect(seen(before)).toMatchObject({ state: 'settling', goodInARow: 0, settlesMs })
    const after = dues(settled, settled + 10).map((due) => slow(due, 'healthy'))
    expect(seen([...before, ...after.slice(0, 9)]).state).toBe('settling')
    expect(seen([...before, ...after]).state).toBe('stable')
  })

  test('does not call a cured service bad for what was before', () => {
    const before = dues(1, settled).map((due) => slow(due, 'degraded', 'healthy'))
    expect(seen(before)).toMatchObject({ state: 'settling', badInARow: 0, blindInARow: 0 })
    expect(seen([...before, slow(settled, 'degraded', 'healthy')]).badInARow).toBe(1)
  })

  test('still sees at once what is bad at once, and what cannot be seen', () => {
    const bad = dues(SETTLED, SETTLED + 2).map((due) => slow(due, 'degraded'))
    expect(seen(bad).state).toBe('relapse')
    const blind = dues(SETTLED, SETTLED + 4).map((due) => slow(due, 'degraded', 'unreachable'))
    expect(seen(blind).state).toBe('blind')
    const early = dues(1, SETTLED).map((due) => slow(due, 'degraded'))
    expect(seen(early).badInARow).toBe(0)
  })

  test('holds another version against it all the same', () => {
    const planned = newWatch(1, 1, at, { versions: { backend: ['v1.9.0'] } })
    const look = { ...slow(SETTLED, 'healthy'), ...lookOf(SETTLED, 'healthy', 'v2.0.0') }
    expect(heldAgainst(planned, look).settling).toEqual({ untilMs: settlesMs, verdict: 'degraded' })
  })
})

describe('the card shows', () => {
  test('a new look when it says something else, or the shown one is a minute old', () => {
    const three = watchAfter(many(3, 'healthy'))
    expect(three.shown?.look.due).toBe(1)
    expect(watchAfter(many(7, 'healthy')).shown?.look.due).toBe(7)
    expect(watchAfter(['healthy', 'healthy', 'degraded']).shown?.look.due).toBe(3)
  })

  test('the look with which the watch turned', () => {
    const turnedAt = SETTLED + 9
    expect(watchAfter(many(turnedAt, 'healthy')).shown?.look.due).toBe(turnedAt)
  })
})

describe('data of one organisation that is shown to another', () => {
  const leak = (due: number) => ({ ...lookOf(due, 'degraded'), leak: true as const })

  test('is a relapse with the first look that sees it', () => {
    expect(watched(afterSettling('healthy'), leak(SETTLED + 2), at).state).toBe('relapse')
  })

  test('is one also while other numbers still measure the time before', () => {
    expect(watched(newWatch(1, 1, at), leak(1), at)).toMatchObject({ state: 'relapse', counted: 1 })
  })

  test('is over after ten good looks in a row, as any relapse', () => {
    let watch = watched(newWatch(1, 1, at), leak(SETTLED), at)
    for (let due = 1; due <= 9; due += 1)
      watch = watched(watch, lookOf(SETTLED + due, 'healthy'), at)
    expect(watch.state).toBe('relapse')
    expect(watched(watch, lookOf(SETTLED + 10, 'healthy'), at).state).toBe('stable')
  })
})
