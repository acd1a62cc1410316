import { expect, test } from 'vitest'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import type { RequestKind } from '../../../src/domain/plan/plan-request.ts'
import type { Outcome, StepState } from '../../../src/domain/plan/run.ts'
import { usualDuration } from '../../../src/engine/run/usual-duration.ts'
import { after, iso, later, openGate, planOf, runOf } from '../../support/plan-story.ts'
import { at } from '../../support/builders.ts'

const steps = ['stop', 'scale', 'prove', 'scale'].map((id) => ({ id, title: id, input: {} }))

/** An incident with a run of so many seconds, and of so many for each step. */
function took(
  seconds: number,
  outcome: Outcome = 'succeeded',
  each: readonly number[] = [],
): Incident {
  const ended = { outcome, says: '', at: iso(later(seconds)) }
  const done = each.map((length): StepState => {
    return { kind: 'succeeded', startedAt: at, at: iso(later(length)), applied: true, says: '' }
  })
  const run = runOf(done, { startedAt: at, ended })
  return { ...after([]), plans: [openGate({ plan: planOf({ steps }), run })] }
}

const expected = (kind: RequestKind, incidents: readonly Incident[]) =>
  usualDuration(kind, steps, incidents).expectedMs

test('how long such a plan takes is the median of those that went well', () => {
  expect(expected('kubernetes', [took(10), took(900), took(30)])).toBe(30_000)
})

test('it is not known when none of them ever went well, and never zero (J10)', () => {
  expect(expected('kubernetes', [])).toBeNull()
  expect(expected('kubernetes', [took(10, 'failed'), took(20, 'aborted')])).toBeNull()
  expect(expected('restart', [took(10)])).toBeNull()
  const running = { ...after([]), plans: [openGate({ run: runOf([]) }), openGate()] }
  expect(expected('kubernetes', [running])).toBeNull()
})

test('a plan of other steps says nothing about how long this one takes', () => {
  const undoOfAll = [...steps, { id: 'switch' }]
  expect(usualDuration('kubernetes', undoOfAll, [took(1), took(2)]).expectedMs).toBeNull()
})

test('each step is held against its own, also where the plan has it twice', () => {
  const before = [
    [1, 20, 3, 40],
    [1, 22, 3, 44],
    [1, 24, 3, 48],
  ].map((each) => took(90, 'succeeded', each))
  const { usualStepsMs } = usualDuration('kubernetes', [...steps, { id: 'new' }], before)
  expect(usualStepsMs).toEqual([1_000, 22_000, 3_000, 44_000, null])
})
