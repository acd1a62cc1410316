import { expect, test } from 'vitest'
import { nextRequest } from '../../../src/domain/plan/next-request.ts'
import { newPlanState, type PlanState } from '../../../src/domain/plan/plan-state.ts'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import type { Applied, Outcome, Run } from '../../../src/domain/plan/run.ts'
import { at } from '../../support/builders.ts'

const database: PlanRequest = { kind: 'database', backup: null }
const restore = (backup: string | null = null): PlanRequest => ({ kind: 'restore-beside', backup })

type Ran = readonly [PlanRequest, Outcome | 'runs' | 'not-run', Applied?]

function runOf(outcome: Ran[1], applied: Applied): Run | null {
  if (outcome === 'not-run') return null
  const failed = { kind: 'failed', startedAt: at, at, applied, says: '' } as const
  const succeeded = { kind: 'succeeded', startedAt: at, at, applied: true, says: '' } as const
  const done = outcome === 'succeeded' || outcome === 'incomplete'
  return {
    startedAt: at,
    abort: null,
    steps: [done ? succeeded : failed],
    ended: outcome === 'runs' ? null : { outcome, says: '', at },
  }
}

function plansOf(ran: readonly Ran[]): readonly PlanState[] {
  return ran.map(([request, outcome, applied = 'yes'], index) => ({
    ...newPlanState({
      number: index + 1,
      request,
      requestedBy: 'U0ANA',
      requestedByHuman: 'ana',
      requestedAt: at,
    }),
    run: runOf(outcome, applied),
  }))
}

const undo = (plan: number): PlanRequest => ({ kind: 'undo', plan })

const CASES: readonly (readonly [
  what: string,
  ran: readonly Ran[],
  becomes: 'itself' | 'restore',
])[] = [
  ['nothing has been done', [], 'restore'],
  ['it stands beside', [[restore(), 'succeeded']], 'itself'],
  ['it stands beside, and something beside it failed', [[restore(), 'incomplete']], 'itself'],
  ['it is being restored', [[restore(), 'runs']], 'restore'],
  ['restoring it failed', [[restore(), 'failed']], 'restore'],
  ['it was only planned', [[restore(), 'not-run']], 'restore'],
  [
    'it was restored, and again in vain',
    [
      [restore(), 'succeeded'],
      [restore(), 'failed', 'no'],
    ],
    'itself',
  ],
  [
    'it was switched',
    [
      [restore(), 'succeeded'],
      [database, 'succeeded'],
    ],
    'restore',
  ],
  [
    'a switch of it failed and was given back',
    [
      [restore(), 'succeeded'],
      [database, 'failed', 'no'],
    ],
    'itself',
  ],
  [
    'nobody knows what a switch did',
    [
      [restore(), 'succeeded'],
      [database, 'failed', 'unknown'],
    ],
    'restore',
  ],
  [
    'it was switched and switched back',
    [
      [restore(), 'succeeded'],
      [database, 'succeeded'],
      [undo(2), 'succeeded'],
    ],
    'restore',
  ],
  [
    'services were rolled back since',
    [
      [restore(), 'succeeded'],
      [{ kind: 'kubernetes', toVersion: null }, 'succeeded'],
    ],
    'itself',
  ],
  [
    'a switch was only planned since',
    [
      [restore(), 'succeeded'],
      [database, 'not-run'],
    ],
    'itself',
  ],
  [
    'it was restored once more after a switch',
    [
      [restore(), 'succeeded'],
      [database, 'succeeded'],
      [restore(), 'succeeded'],
    ],
    'itself',
  ],
]

test.each(CASES)('the database, when %s', (_, ran, becomes) => {
  const plans = plansOf(ran)
  expect(nextRequest(database, plans)).toEqual(becomes === 'itself' ? database : restore())
})

test('another backup is restored first, whatever stands', () => {
  const plans = plansOf([[restore('es-1'), 'succeeded']])
  const other: PlanRequest = { kind: 'database', backup: 'es-2' }
  expect(nextRequest(other, plans)).toEqual(restore('es-2'))
  const same: PlanRequest = { kind: 'database', backup: 'es-1' }
  expect(nextRequest(same, plans)).toEqual(same)
})

test('what needs nothing before it is asked for as it is', () => {
  for (const request of [restore(), undo(1), { kind: 'salvage' } as const]) {
    expect(nextRequest(request, [])).toEqual(request)
  }
})
