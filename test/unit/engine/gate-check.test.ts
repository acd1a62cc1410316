import { describe, expect, test } from 'vitest'
import { NO_ROLES_ASKED, type Signer } from '../../../src/domain/plan/gate.ts'
import { gateCheck } from '../../../src/engine/run/gate-check.ts'
import type { Drift } from '../../../src/engine/run/planning.ts'
import { faultOf, patience } from '../../support/contracts/outside.ts'
import {
  after,
  approvalBy,
  later,
  openGate,
  signed,
  signer,
  NOBODY,
} from '../../support/plan-story.ts'

const expiresMs = later(15 * 60)
const both = openGate({ approvals: [approvalBy('U0BO'), approvalBy('U0CY')] })

/** The last question, over people and a world that are as given. */
function asked(
  given: {
    readonly people?: Readonly<Record<string, Partial<Signer>>>
    readonly drift?: Drift
    readonly nowMs?: number
    readonly state?: typeof both
  } = {},
) {
  const asks: string[] = []
  const approver = async (id: string) => {
    asks.push(id)
    return signer(id, given.people?.[id])
  }
  const outside = async (id: string) => {
    asks.push(`${id} outside`)
    return signer(id, given.people?.[id])
  }
  const check = gateCheck({
    approval: { requesterMayApprove: false },
    clock: { now: () => given.nowMs ?? later(60) },
    rights: { approver, signer: approver, outside: { approver: outside, signer: outside } },
    planning: { drift: async () => given.drift ?? null },
  })
  return { asks, answer: check.whole(after(signed), given.state ?? both, patience()), check }
}

describe('right before the first write', () => {
  test('everything holds when two people may still sign what still fits the world', async () => {
    const { answer, asks } = asked()
    expect(await answer).toBeNull()
    expect(asks.toSorted()).toEqual(['U0ANA', 'U0BO', 'U0CY'])
  })

  test('where one signed by another way than Slack, all are asked for as they are without it', async () => {
    const via = { ...approvalBy('U0CY'), via: 'page' as const }
    const state = openGate({ approvals: [approvalBy('U0BO'), via] })
    const { answer, asks } = asked({ state })
    expect(await answer).toBeNull()
    expect(asks.toSorted()).toEqual(['U0ANA outside', 'U0BO outside', 'U0CY outside'])
  })

  test('another world voids it, and what fits now is proposed with it', async () => {
    const drift = { because: ['backend: was v2.0.0, is v2.0.1'], proposal: null }
    expect(await asked({ drift }).answer).toBe(drift)
  })

  test.each<[string, Partial<Signer>]>([
    ['has left the group', { roles: NOBODY }],
    ['was deactivated', { kind: 'deactivated' }],
    ['was made a guest', { kind: 'guest' }],
  ])('it is void when somebody who signed %s since', async (_what, change) => {
    const because = ['U0CY signed, and may not sign any more']
    expect(await asked({ people: { U0CY: change } }).answer).toEqual({ because, proposal: null })
  })

  test.each<[string, Partial<Signer>]>([
    ['who somebody is', { kind: 'unknown' }],
    ['who may sign', { roles: NO_ROLES_ASKED }],
  ])('it waits when Slack does not say %s (J10)', async (_what, change) => {
    const { answer } = asked({ people: { U0BO: change } })
    expect(await faultOf(answer)).toMatchObject({ kind: 'retryable', dependency: 'slack' })
  })

  test('a signature holds to the millisecond, and not beyond it', async () => {
    expect(await asked({ nowMs: expiresMs - 1 }).answer).toBeNull()
    expect(await asked({ nowMs: expiresMs }).answer).toEqual({
      because: ['a signature expired before anything was written'],
      proposal: null,
    })
  })

  test('two accounts that turned out to be one person since are one signature', async () => {
    const people = { U0CY: { human: 'U0BO' } }
    expect(await asked({ people }).answer).toEqual({
      because: ['U0CY signed, and is the same person as U0BO'],
      proposal: null,
    })
  })

  test('an account that turned out to be who asked for it does not count', async () => {
    const people = { U0CY: { human: 'U0ANA' } }
    expect(await asked({ people }).answer).toEqual({
      because: ['U0CY signed, and is who asked for it'],
      proposal: null,
    })
  })

  test('two accounts of one human are one signature', async () => {
    const approvals = [approvalBy('U0BO'), approvalBy('U0BO2', { human: 'U0BO' })]
    expect(await asked({ state: openGate({ approvals }) }).answer).not.toBeNull()
  })
})
