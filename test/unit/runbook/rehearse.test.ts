import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/domain/base/fault.ts'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import type { Cache } from '../../../src/ports/cache.ts'
import type { Deployments } from '../../../src/ports/deployments.ts'
import { runbookOver } from '../../../src/runbook/runbook.ts'
import { patience } from '../../support/contracts/outside.ts'
import { rollback } from '../../support/plan-story.ts'
import { inSandbox, settings } from './in-sandbox.ts'

const clearCache: PlanRequest = { kind: 'clear-cache' }
const MAY_NOT = 'user backout may not UNLINK keys that begin with cache:'
const UNTOLD = 'Redis does not say, because user backout may not run ACL DRYRUN'
const ACCEPTED = 'the cluster accepts the change (dry run)'

type Others = { readonly cache?: Partial<Cache>; readonly deployments?: Partial<Deployments> }

/** What is said of this plan when every target was asked. */
async function rehearsalOf(
  request: PlanRequest,
  sandbox = inSandbox(),
  { cache, deployments }: Others = {},
) {
  const { steps } = await sandbox.drafted(request)
  const world = {
    ...sandbox.world,
    cache: { ...sandbox.cache, ...cache },
    deployments: { ...sandbox.deployments, ...deployments },
  }
  return runbookOver(world, settings).rehearse(steps, patience())
}

function where(clearingRight: 'granted' | 'refused' | 'not-told') {
  const sandbox = inSandbox()
  sandbox.change({ clearingRight })
  return sandbox
}

describe('clearing the cache alone', () => {
  test.each([
    ['granted', { ok: true, says: 'Redis lets us clear the cache' }],
    ['refused', { ok: false, says: `it would be refused: ${MAY_NOT}` }],
    ['not-told', { ok: false, says: `not known whether it would work: ${UNTOLD}` }],
  ] as const)('is tried without clearing it: %s', async (right, said) => {
    const sandbox = where(right)
    const before = await sandbox.standing()
    expect(await rehearsalOf(clearCache, sandbox)).toEqual(said)
    expect(await sandbox.standing()).toEqual(before)
  })
})

test('an empty cache is asked about like a full one, and none is counted', async () => {
  const sandbox = where('refused')
  const count = async () => {
    throw new Error('it was counted')
  }
  const { says } = await rehearsalOf(clearCache, sandbox, { cache: { count } })
  expect(says).toBe(`it would be refused: ${MAY_NOT}`)
})

test('another Redis is not asked for the right of the one that was signed', async () => {
  const identity = async () => 'redis.other:6379/0'
  const { ok, says } = await rehearsalOf(clearCache, inSandbox(), { cache: { identity } })
  expect(ok).toBe(false)
  expect(says).toContain('another Redis answers now: redis.other:6379/0')
})

describe('beside a rollback', () => {
  test.each([
    ['granted', `${ACCEPTED}; Redis lets us clear the cache`],
    [
      'refused',
      `${ACCEPTED}; only this would be refused, and the rest goes on without it: the cache (${MAY_NOT})`,
    ],
    [
      'not-told',
      `${ACCEPTED}; whether this would work is not known, and the rest goes on without it: the cache (${UNTOLD})`,
    ],
  ] as const)('the cache decides nothing about it: %s', async (right, says) => {
    expect(await rehearsalOf(rollback, where(right))).toEqual({ ok: true, says })
  })

  test('a Redis that does not answer does not, either', async () => {
    const sandbox = inSandbox()
    sandbox.change({ redis: 'refusing' })
    expect(await rehearsalOf(rollback, sandbox)).toEqual({
      ok: true,
      says: `${ACCEPTED}; whether this would work is not known, and the rest goes on without it: the cache (redis: connection refused)`,
    })
  })

  test('nor one that says nothing until nobody waits any more', async () => {
    const { drafted, change, runbook } = inSandbox()
    const { steps } = await drafted(rollback)
    change({ redis: 'silent' })
    const { ok, says } = await runbook.rehearse(steps, AbortSignal.timeout(1_000))
    expect(ok).toBe(true)
    expect(says).toContain('the cache (redis: did not answer in time)')
  })

  test('nor one that refuses to be asked at all', async () => {
    const detail = 'the user may not run this command'
    const identity = async () => {
      throw new Fault({ kind: 'terminal', dependency: 'redis', detail })
    }
    const { ok, says } = await rehearsalOf(rollback, inSandbox(), { cache: { identity } })
    expect(ok).toBe(true)
    expect(says).toContain(`only this would be refused, and the rest goes on without it: the cache`)
    expect(says).toContain(detail)
  })

  test('what the rollback itself is refused stays a refusal, with the cache after it', async () => {
    const write = async () => ({ kind: 'refused', because: 'forbidden' }) as const
    const refused = (right: 'granted' | 'refused') =>
      rehearsalOf(rollback, where(right), { deployments: { write } })
    const own = 'it would be refused: forbidden; forbidden'
    expect(await refused('granted')).toEqual({
      ok: false,
      says: `${own}; Redis lets us clear the cache`,
    })
    expect(await refused('refused')).toEqual({
      ok: false,
      says: `${own}; beside it would be refused: the cache (${MAY_NOT})`,
    })
  })

  test('and a cluster that does not answer is still no answer', async () => {
    const write = async () => {
      throw new Fault({ kind: 'retryable', dependency: 'kubernetes', detail: 'gone' })
    }
    await expect(rehearsalOf(rollback, inSandbox(), { deployments: { write } })).rejects.toThrow(
      Fault,
    )
  })
})
