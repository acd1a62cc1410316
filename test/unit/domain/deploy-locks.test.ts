import { describe, expect, test } from 'vitest'
import { deployLocks } from '../../../src/domain/plan/deploy-locks.ts'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { newPlanState, type PlanState } from '../../../src/domain/plan/plan-state.ts'
import type { Outcome } from '../../../src/domain/plan/run.ts'
import { atMs, plan } from '../../support/builders.ts'

const rollback: PlanRequest = { kind: 'kubernetes', toVersion: null }
const minute = (count: number) => new Date(atMs + count * 60_000).toISOString()

/** One plan that was carried out at that minute: `backend v2 -> v1`. */
function done(
  number: number,
  atMinute: number,
  way: string,
  {
    request = rollback,
    outcome = 'succeeded',
  }: { readonly request?: PlanRequest; readonly outcome?: Outcome } = {},
): PlanState {
  const [service = '', from = '', , to = ''] = way.split(' ')
  const images = (versions: string) => versions.split('+').map((one) => `r/${service}:${one}`)
  const changes = [{ what: service, from, to, images: { from: images(from), to: images(to) } }]
  const approval = { human: '', digest: '', roles: [], at: minute(0), expiresAt: minute(9) }
  const asked = { requestedBy: 'U0ANA', requestedByHuman: 'ana', requestedAt: minute(0) }
  return {
    ...newPlanState({ number, request, ...asked }),
    plan: plan({ changes }),
    approvals: [
      { ...approval, by: 'U0BO' },
      { ...approval, by: 'U0CY' },
    ],
    run: {
      startedAt: minute(atMinute),
      steps: [],
      abort: null,
      ended: { outcome, says: '', at: minute(atMinute) },
    },
  }
}

const undo = (of: number) => ({ request: { kind: 'undo', plan: of } as const })
const locked = (...incidents: Parameters<typeof deployLocks>[0]) =>
  deployLocks(incidents).map(({ service, version }) => `${service} ${version}`)

describe('a version is locked', () => {
  test('from the end of the rollback that left it, with who signed that', () => {
    expect(deployLocks([{ id: 'i-1', plans: [done(1, 2, 'backend v2 -> v1')] }])).toEqual([
      {
        service: 'backend',
        version: 'v2',
        image: 'r/backend:v2',
        since: minute(2),
        incident: 'i-1',
        plan: 1,
        by: ['U0BO', 'U0CY'],
      },
    ])
  })

  test('until somebody says that a fixed version runs; what is rolled back from later is locked anew', () => {
    const plans = [done(1, 2, 'backend v2 -> v1'), done(2, 9, 'backend v3 -> v1')]
    const fixDeployed = { by: 'U0BO', at: minute(5) }
    expect(locked({ id: 'i', plans, fixDeployed })).toEqual(['backend v3'])
    expect(locked({ id: 'i', plans: plans.slice(0, 1), fixDeployed })).toEqual([])
  })

  test('until it is undone, and again when the undo is', () => {
    const first = done(1, 1, 'backend v2 -> v1')
    const second = done(2, 2, 'backend v1 -> v2', undo(1))
    expect(locked({ id: 'i', plans: [first, second] })).toEqual([])
    const third = done(3, 3, 'backend v2 -> v1')
    expect(locked({ id: 'i', plans: [first, second, third] })).toEqual(['backend v2'])
  })

  test('until another incident goes back to it, whichever of them comes first in the list', () => {
    const one = { id: 'one', plans: [done(1, 1, 'backend v2 -> v1')] }
    const other = { id: 'other', plans: [done(1, 5, 'backend v3 -> v2')] }
    expect(locked(one, other)).toEqual(['backend v3'])
    expect(locked(other, one)).toEqual(['backend v3'])
  })

  test('beside what an earlier rollback left, the newest first', () => {
    const plans = [done(1, 1, 'backend v3 -> v2'), done(2, 2, 'backend v2 -> v1')]
    const frontend = { id: 'f', plans: [done(1, 3, 'frontend v2 -> v1')] }
    expect(locked({ id: 'i', plans }, frontend)).toEqual([
      'frontend v2',
      'backend v2',
      'backend v3',
    ])
  })

  test('and not the container beside it, which stayed', () => {
    expect(locked({ id: 'i', plans: [done(1, 1, 'backend v2+p1 -> v1+p1')] })).toEqual([
      'backend v2',
    ])
  })
})

describe('nothing is locked', () => {
  test.each<Outcome>(['failed', 'aborted', 'out-of-time', 'gate-closed'])(
    'by a rollback that ended as %s',
    (outcome) => {
      expect(locked({ id: 'i', plans: [done(1, 1, 'backend v2 -> v1', { outcome })] })).toEqual([])
    },
  )

  test('by what is no rollback, what was never carried out, and what an old journal tells', () => {
    const restart = done(1, 1, 'backend v2 -> v1', {
      request: { kind: 'restart', service: 'backend' },
    })
    const old = { ...done(3, 1, 'backend v2 -> v1'), plan: plan() }
    const waiting = { ...done(2, 1, 'backend v2 -> v1'), run: null }
    expect(locked({ id: 'i', plans: [restart, waiting, old] })).toEqual([])
  })
})
