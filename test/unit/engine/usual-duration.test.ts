import { expect, test } from 'vitest'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import type { Outcome } from '../../../src/domain/plan/run.ts'
import { usualMs } from '../../../src/engine/run/usual-duration.ts'
import { after, iso, later, openGate, runOf } from '../../support/plan-story.ts'
import { at } from '../../support/builders.ts'

/** An incident with a run of so many seconds. */
function took(seconds: number, outcome: Outcome = 'succeeded'): Incident {
  const ended = { outcome, says: '', at: iso(later(seconds)) }
  return { ...after([]), plans: [openGate({ run: runOf([], { startedAt: at, ended }) })] }
}

test('how long such a plan takes is the median of those that went well', () => {
  expect(usualMs('kubernetes', [took(10), took(900), took(30)])).toBe(30_000)
})

test('it is not known when none of them ever went well, and never zero (J10)', () => {
  expect(usualMs('kubernetes', [])).toBeNull()
  expect(usualMs('kubernetes', [took(10, 'failed'), took(20, 'aborted')])).toBeNull()
  expect(usualMs('restart', [took(10)])).toBeNull()
  const running = { ...after([]), plans: [openGate({ run: runOf([]) }), openGate()] }
  expect(usualMs('kubernetes', [running])).toBeNull()
})
