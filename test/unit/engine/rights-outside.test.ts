import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/domain/base/fault.ts'
import { ApprovalSettings } from '../../../src/domain/plan/gate.ts'
import { KEPT_MS } from '../../../src/domain/second-factor/enrolment.ts'
import type { EngineDeps } from '../../../src/engine/engine-types.ts'
import { rightsOf } from '../../../src/engine/rights-outside.ts'
import type { Account } from '../../../src/ports/conversations.ts'
import type { KeptAnswers } from '../../../src/ports/second-factor.ts'

const START = Date.parse('2026-11-29T02:10:00Z')
const APPROVERS = ApprovalSettings.parse({ groups: ['S1'] })

const member = (email: string): Account => ({ kind: 'member', email })

function fault(kind: 'retryable' | 'terminal'): Fault {
  return new Fault({ kind, dependency: 'slack', detail: 'no' })
}

/** A Slack that knows Ana, her second account and Bo, until it is told otherwise. */
function stage() {
  const slack: {
    fault: Fault | null
    accounts: Record<string, Account>
    members: readonly string[]
  } = {
    fault: null,
    accounts: {
      U0ANA: member('ana@team.example'),
      U0ANA2: member('ana@team.example'),
      U0BO: member('bo@team.example'),
    },
    members: ['U0ANA', 'U0ANA2', 'U0BO'],
  }
  const clock = { nowMs: START }
  const answers = new Map<string, { answer: unknown; atMs: number }>()
  const keptAnswers: KeptAnswers = {
    async keep(key, answer) {
      answers.set(key, { answer: JSON.parse(JSON.stringify(answer)), atMs: clock.nowMs })
    },
    kept: async (key) => answers.get(key) ?? null,
  }
  const deps = {
    keptAnswers,
    clock: { now: () => clock.nowMs, reach() {} },
    hash: (text: string) => `hash of ${text}`,
    log: { info() {}, warn() {}, error() {} },
    rules: { approval: APPROVERS },
    people: {
      async accountOf(user: string): Promise<Account> {
        if (slack.fault) throw slack.fault
        return slack.accounts[user] ?? { kind: 'external', email: null }
      },
      async membersOf() {
        if (slack.fault) throw slack.fault
        return slack.members
      },
    },
  } as unknown as EngineDeps
  const rights = rightsOf(deps)
  return { slack, clock, answers, outside: rights.outside, rights }
}

const AWAY = fault('retryable')

describe('rights of those who came by another way than Slack', () => {
  test('are read live while Slack answers, whatever is kept', async () => {
    const { slack, outside, rights } = stage()
    await rights.approver('U0BO')
    slack.members = []
    const bo = await outside.approver('U0BO')
    expect(bo).toMatchObject({ kind: 'member', roles: { approvers: false } })
    expect(bo).not.toHaveProperty('rightsAsOf')
  })

  test('are what they were when Slack last said them, where it does not answer', async () => {
    const { slack, clock, outside, rights } = stage()
    const live = await rights.approver('U0BO')
    slack.fault = AWAY
    clock.nowMs += KEPT_MS
    const rightsAsOf = new Date(START).toISOString()
    expect(await outside.approver('U0BO')).toEqual({ ...live, rightsAsOf })
    // Whoever presses in Slack is asked for live, and only so.
    expect(await rights.approver('U0BO')).toMatchObject({ kind: 'unknown' })
  })

  test('are not known any more a day later', async () => {
    const { slack, clock, outside, rights } = stage()
    await rights.approver('U0BO')
    slack.fault = AWAY
    clock.nowMs += KEPT_MS + 1
    expect(await outside.approver('U0BO')).toMatchObject({
      kind: 'unknown',
      roles: { approvers: 'unknown' },
    })
  })

  test('are not known where Slack refuses us: that is an answer', async () => {
    const { slack, outside, rights } = stage()
    await rights.approver('U0BO')
    slack.fault = fault('terminal')
    expect(await outside.approver('U0BO')).toMatchObject({ kind: 'unknown' })
  })

  test('two accounts of one human are one then, too', async () => {
    const { slack, outside, rights } = stage()
    await Promise.all([rights.approver('U0ANA'), rights.approver('U0ANA2')])
    slack.fault = AWAY
    const [one, two] = await Promise.all(['U0ANA', 'U0ANA2'].map((user) => outside.approver(user)))
    expect(one?.human).toBe('hash of ana@team.example')
    expect(two?.human).toBe(one?.human)
  })

  test.each<[string, Account]>([
    ['deactivated', { kind: 'deactivated', email: null }],
    ['a guest', { kind: 'guest', email: null }],
  ])('who was %s when Slack last answered is so still', async (_, account) => {
    const { slack, outside, rights } = stage()
    await rights.approver('U0BO')
    slack.accounts['U0BO'] = account
    await rights.approver('U0BO')
    slack.fault = AWAY
    expect((await outside.approver('U0BO')).kind).toBe(account.kind)
  })

  test('say the time of the oldest answer that was needed', async () => {
    const { slack, clock, outside, rights } = stage()
    await rights.approver('U0BO')
    clock.nowMs += 60_000
    await rights.signer('U0BO')
    slack.fault = AWAY
    const { rightsAsOf } = await outside.approver('U0BO')
    expect(rightsAsOf).toBe(new Date(START).toISOString())
  })

  test.each([null, 'text', { kind: 'queen', email: null }, { kind: 'member' }])(
    'what is kept and is none of it counts for nothing: %j',
    async (answer) => {
      const { slack, answers, outside } = stage()
      answers.set('account U0BO', { answer, atMs: START })
      slack.fault = AWAY
      expect((await outside.approver('U0BO')).kind).toBe('unknown')
    },
  )
})
