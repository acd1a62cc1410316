import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  againstChange,
  precedingChanges,
  type Changed,
} from '../../../src/domain/assessment/cause.ts'
import { onsetOf, type Course, type Onset } from '../../../src/domain/assessment/onset.ts'
import { toIso, toMs } from '../../../src/domain/base/instant.ts'
import type { NewestChange } from '../../../src/domain/workload/newest-change.ts'
import type { OtherChange } from '../../../src/domain/workload/other-change.ts'
import { atMs, newestChange } from '../../support/builders.ts'

const MINUTE = 60_000
const STEPS = 361
const fromMs = atMs - (STEPS - 1) * MINUTE

/** What it was so many minutes ago. */
function course(at: (minutesAgo: number) => number | null, overMs = 0): Course {
  const values = Array.from({ length: STEPS }, (_, index) => at(STEPS - 1 - index))
  return { values, fromMs, stepMs: MINUTE, overMs }
}
const errors = { atLeast: 1, badFrom: 5 }
const minutesAgo = (iso: string | null) => (iso === null ? null : (atMs - toMs(iso)) / MINUTE)

describe('the beginning of a trouble', () => {
  test('lies between the last usual number and the first other one', () => {
    const onset = onsetOf(
      'errors',
      course((ago) => (ago <= 20 ? 62 : 0.2)),
      errors,
    )
    expect([minutesAgo(onset?.after ?? null), minutesAgo(onset?.by ?? null)]).toEqual([21, 20])
    expect(onset?.overSince).toBeNull()
  })

  test('is looked for before a window that has to fill shows it', () => {
    const filling = (ago: number) => (ago > 20 ? 0 : Math.min(62, ((20 - ago) / 5) * 62))
    const onset = onsetOf('errors', course(filling, 5 * MINUTE), errors)
    if (!onset?.after) throw new Error('it has a beginning')
    expect(toMs(onset.after)).toBeLessThanOrEqual(atMs - 20 * MINUTE)
    expect(toMs(onset.by)).toBeGreaterThanOrEqual(atMs - 20 * MINUTE)
  })

  test.each([
    ['nothing but noise', course((ago) => 0.2 + (ago % 3) * 0.1)],
    ['a little more than nothing', course((ago) => (ago < 10 ? 0.9 : 0))],
    ['no numbers', course(() => null)],
    ['few numbers', course((ago) => (ago < 5 ? 60 : null))],
    ['a trouble of hours ago', course((ago) => (ago > 120 && ago < 150 ? 60 : 0.2))],
  ])('is not there in %s', (_, seen) => {
    expect(onsetOf('errors', seen, errors)).toBeNull()
  })

  test('is before all that was looked at where it was always so', () => {
    const onset = onsetOf(
      'errors',
      course(() => 40),
      errors,
    )
    expect([onset?.after, onset?.by]).toEqual([null, toIso(fromMs)])
  })

  test('is the beginning of the row, and not of a peak hours before', () => {
    const twice = (ago: number) => (ago <= 30 || (ago > 200 && ago < 210) ? 30 : 0.2)
    expect(minutesAgo(onsetOf('errors', course(twice), errors)?.by ?? null)).toBe(30)
  })

  test('is not moved by a good minute, or by one that is missing', () => {
    const holed = (ago: number) => (ago === 12 ? null : ago === 15 ? 0.1 : ago <= 30 ? 30 : 0.2)
    expect(minutesAgo(onsetOf('errors', course(holed), errors)?.by ?? null)).toBe(30)
  })

  test('has an end where it is over', () => {
    const onset = onsetOf(
      'errors',
      course((ago) => (ago <= 30 && ago > 5 ? 90 : 0.2)),
      errors,
    )
    expect(minutesAgo(onset?.overSince ?? null)).toBeLessThanOrEqual(6)
    expect(minutesAgo(onset?.by ?? null)).toBe(30)
  })

  test('of fewer requests is found the same way', () => {
    const seen = course((ago) => (ago <= 45 ? -2 : -40))
    expect(minutesAgo(onsetOf('traffic', seen, { atLeast: 6 })?.by ?? null)).toBe(45)
  })

  test('wherever it lies, whatever noise there is, it is between both ends', () => {
    const Any = fc.record({
      began: fc.integer({ min: 2, max: 240 }),
      level: fc.double({ min: 8, max: 100, noNaN: true }),
      noise: fc.array(fc.double({ min: 0, max: 0.5, noNaN: true }), { minLength: 5, maxLength: 9 }),
      over: fc.integer({ min: 0, max: 5 }),
    })
    fc.assert(
      fc.property(Any, ({ began, level, noise, over }) => {
        const jitter = (ago: number) => noise[ago % noise.length] ?? 0
        const at = (ago: number) => {
          const share =
            over === 0 ? Number(ago <= began) : Math.min(1, Math.max(0, (began - ago) / over))
          return share * level + jitter(ago)
        }
        const onset = onsetOf('errors', course(at, over * MINUTE), errors)
        if (!onset?.after) return expect(began).toBeLessThan(2 + over)
        expect(minutesAgo(onset.after)).toBeGreaterThanOrEqual(began - 0.01)
        expect(minutesAgo(onset.by)).toBeLessThanOrEqual(began + 0.01)
      }),
    )
  })
})

describe('how it lies to what changed', () => {
  const words = {
    at: (iso: string) => iso.slice(11, 16),
    long: (ms: number) => `${ms / 3_600_000} hours`,
  }
  const began = (ago: number): Onset => {
    const [after, by] = [toIso(atMs - (ago + 1) * MINUTE), toIso(atMs - ago * MINUTE)]
    return { of: 'errors', after, by, overSince: null }
  }
  const changed = (service: string, ago: number, exact = true) =>
    newestChange(service, { since: { time: toIso(atMs - ago * MINUTE), exact } })
  const scaled = (ago: number): OtherChange => {
    const since = { time: toIso(atMs - ago * MINUTE), exact: true }
    return { kind: 'scale', says: 'backend was scaled to 2', since, by: 'kubectl' }
  }
  const all = (newest: readonly NewestChange[], more: Partial<Changed> = {}): Changed => {
    return { newest, earlier: [], others: [], ...more }
  }
  const kinds = (onset: Onset, changes: Changed, isTakenBack = false) =>
    againstChange(onset, changes, { ...words, isTakenBack }).map(({ kind }) => kind)
  const against = (onset: Onset, ...changes: readonly ReturnType<typeof changed>[]) =>
    kinds(onset, all(changes))
  const names = (onset: Onset, changes: Changed) =>
    precedingChanges(onset, changes).map(({ name }) => name)

  test('right after a change nothing speaks against that change', () => {
    expect(against(began(18), changed('backend', 20))).toEqual([])
    expect(precedingChanges(began(18), all([changed('backend', 20)]))).toMatchObject([
      { name: 'backend v2.0.0', beforeMs: 2 * MINUTE, isRelease: true },
    ])
  })

  test('before the newest change it is not of that', () => {
    expect(against(began(40), changed('backend', 20))).toEqual(['began-before-change'])
    expect(against(began(40), changed('backend', 20), changed('frontend', 9_000))).toEqual([
      'began-before-change',
    ])
  })

  test('between two changes it is of the one before it', () => {
    const both = all([changed('frontend', 10), changed('backend', 35)])
    expect(kinds(began(33), both)).toEqual([])
    expect(names(began(33), both)).toEqual(['backend v2.0.0'])
  })

  test('days after the newest change, that ran well without it', () => {
    const [said] = againstChange(began(10), all([changed('backend', 3 * 24 * 60)]), {
      ...words,
      isTakenBack: false,
    })
    expect(said?.kind).toBe('ran-long-without')
    expect(said?.says).toMatch(/^backend v2\.0\.0 ran 71\.8\d* hours without this\.$/)
    expect(against(began(10), changed('backend', 23 * 60))).toEqual([])
  })

  test('what is not known speaks neither for nor against', () => {
    expect(against(began(40), changed('backend', 20, false))).toEqual([])
    const unknown = newestChange('backend', { since: null })
    expect(against(began(40), unknown)).toEqual([])
    expect(against(began(10), unknown, changed('frontend', 9_000))).toEqual([])
    expect(against({ ...began(360), after: null }, changed('backend', 9_000))).toEqual([])
    expect(against(began(10))).toEqual([])
  })

  const old = changed('backend', 3 * 24 * 60)

  test('right after something that a rollback does not take back, both are said', () => {
    const changes = all([old], { others: [scaled(12)] })
    expect(kinds(began(10), changes)).toEqual(['other-change', 'ran-long-without'])
    expect(names(began(10), changes)).toEqual(['backend was scaled to 2', 'backend v2.0.0'])
    const [said] = againstChange(began(10), changes, { ...words, isTakenBack: false })
    expect(said?.says).toBe(
      'It began right after backend was scaled to 2: another version does not take that back.',
    )
  })

  test('how long after is told from the middle of the two moments: at which of them it is seen, is chance', () => {
    const early = { ...began(10), after: toIso(atMs - 12 * MINUTE) }
    const saidOf = (ago: number) =>
      againstChange(early, all([old], { others: [scaled(ago)] }), {
        ...words,
        isTakenBack: false,
      })[0]
    expect(saidOf(12.5)?.says).toContain('right after backend was scaled')
    expect(saidOf(14)?.says).toContain(`${3 / 60} hours after backend was scaled`)
  })

  test('right after a release and something else, nothing speaks against the release', () => {
    const changes = all([changed('backend', 14)], { others: [scaled(12)] })
    expect(kinds(began(10), changes)).toEqual([])
    expect(names(began(10), changes)).toEqual(['backend v2.0.0', 'backend was scaled to 2'])
  })

  test('of something else that came later, or long before, nothing is said', () => {
    for (const ago of [5, 90]) {
      const changes = all([old], { others: [scaled(ago)] })
      expect(kinds(began(10), changes)).toEqual(['ran-long-without'])
      expect(names(began(10), changes)).toEqual(['backend v2.0.0'])
    }
  })

  test('a restart is none of the version, and one that came afterwards is an attempt to mend it', () => {
    const restarted = (ago: number) => ({
      ...changed('backend', ago),
      kind: 'restart' as const,
      versionSince: { time: toIso(atMs - 3 * 24 * 60 * MINUTE), exact: true },
    })
    expect(kinds(began(10), all([restarted(12)]))).toEqual(['other-change', 'ran-long-without'])
    expect(kinds(began(10), all([restarted(4)]))).toEqual(['ran-long-without'])
    expect(names(began(10), all([restarted(4)]))).toEqual(['backend v2.0.0'])
  })

  test('what came before the newest change is known too, where it is kept', () => {
    const earlier = (ago: number): Changed['earlier'] => {
      const ms = atMs - ago * MINUTE
      return [{ name: 'backend v1.9.1', afterMs: ms, byMs: ms }]
    }
    const soon = all([changed('backend', 10)], { earlier: earlier(43) })
    expect(names(began(40), soon)).toEqual(['backend v1.9.1'])
    expect(kinds(began(40), soon, true)).toEqual([])
    // Followed, and yet it ran for days with it.
    const long = all([changed('backend', 10)], { earlier: earlier(4_000) })
    expect(kinds(began(40), long, true)).toEqual(['ran-long-without'])
    expect(kinds(began(40), long)).toEqual(['began-before-change'])
  })
})
