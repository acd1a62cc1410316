import { describe, expect, test } from 'vitest'
import type { Signer } from '../../../src/domain/plan/gate.ts'
import { judgeCode, lockedUntilMs, LOCKOUT } from '../../../src/domain/second-factor/code.ts'
import {
  validFromMs,
  WAITS_MS,
  whyNotConfirm,
  type Enrolment,
} from '../../../src/domain/second-factor/enrolment.ts'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE

function judged(given: Partial<Parameters<typeof judgeCode>[0]> = {}) {
  return judgeCode({ step: 10, lastStep: 9, wrongMs: [], validFromMs: 0, nowMs: NOW, ...given })
}

/** So many wrong codes, a minute apart, the last one so many minutes ago. */
function wrong(count: number, minutesAgo: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => NOW - (minutesAgo + count - 1 - at) * MINUTE)
}

describe('a code', () => {
  test('counts once, and only a newer one counts after it', () => {
    expect(judged()).toEqual({ kind: 'counts' })
    expect(judged({ lastStep: 10 })).toEqual({ kind: 'used', left: 4 })
    // Somebody may have looked over a shoulder at the one before.
    expect(judged({ lastStep: 11 })).toEqual({ kind: 'used', left: 4 })
    expect(judged({ lastStep: -1 })).toEqual({ kind: 'counts' })
  })

  test('of no half minute near now is wrong, and says how many are left', () => {
    expect(judged({ step: null })).toEqual({ kind: 'wrong', left: 4 })
    expect(judged({ step: null, wrongMs: wrong(4, 1) })).toEqual({ kind: 'wrong', left: 0 })
  })

  test('is not judged while its person is locked', () => {
    const wrongMs = wrong(5, 1)
    const untilMs = NOW - MINUTE + LOCKOUT.lockedMs
    expect(judged({ wrongMs })).toEqual({ kind: 'locked', untilMs })
    expect(judged({ wrongMs, step: null })).toEqual({ kind: 'locked', untilMs })
  })

  test('of an enrolment that is not confirmed, or only since today, is too early', () => {
    expect(judged({ validFromMs: null })).toEqual({ kind: 'too-early', fromMs: null })
    expect(judged({ validFromMs: NOW + 1 })).toEqual({ kind: 'too-early', fromMs: NOW + 1 })
    expect(judged({ validFromMs: NOW })).toEqual({ kind: 'counts' })
  })
})

describe('the lock', () => {
  test.each<[string, readonly number[], boolean]>([
    ['four wrong ones', wrong(4, 0), false],
    ['five within a quarter of an hour', wrong(5, 0), true],
    ['five, the last one nearly a quarter of an hour ago', wrong(5, 14), true],
    ['five, the last one a quarter of an hour ago', wrong(5, 15), false],
    [
      'five over more than a quarter of an hour',
      [0, 4, 8, 12, 15.1].map((at) => NOW - 20 * MINUTE + at * MINUTE),
      false,
    ],
  ])('%s', (_, wrongMs, locks) => {
    expect(lockedUntilMs(wrongMs, NOW) !== null).toBe(locks)
  })
})

const ANA: Enrolment = {
  user: 'U0ANA',
  id: 'one',
  handle: 'k7qf2mab',
  madeMs: 1,
  provedMs: 2,
  confirmed: null,
}

function by(changes: Partial<Signer> = {}): Signer {
  const roles = { approvers: true, 'data-owners': false } as const
  return { id: 'U0BO', kind: 'member', human: 'bo', roles, ...changes }
}

describe('an enrolment', () => {
  test('counts a day after it was confirmed, and never before', () => {
    expect(validFromMs(ANA)).toBeNull()
    expect(validFromMs({ confirmed: { by: 'U0BO', atMs: 5 } })).toBe(5 + WAITS_MS)
  })

  test.each<[string | null, Enrolment | null, Partial<Signer>]>([
    [null, ANA, {}],
    ['gone', null, {}],
    ['gone', { ...ANA, provedMs: null }, {}],
    ['confirmed-already', { ...ANA, confirmed: { by: 'U0CY', atMs: 3 } }, {}],
    ['oneself', ANA, { id: 'U0ANA', human: 'other' }],
    ['oneself', ANA, { human: 'ana' }],
    ['not-an-approver', ANA, { roles: { approvers: false, 'data-owners': true } }],
    ['not-an-approver', ANA, { kind: 'guest' }],
    ['rights-unknown', ANA, { roles: { approvers: 'unknown', 'data-owners': true } }],
    ['rights-unknown', ANA, { kind: 'unknown' }],
  ])('is confirmed by another approver: %s', (why, enrolment, changes) => {
    expect(whyNotConfirm(enrolment, { by: by(changes), human: 'ana' })).toBe(why)
  })
})
