import { describe, expect, test } from 'vitest'
import { ApprovalSettings } from '../../../src/domain/plan/gate.ts'
import { liveRights, type Members } from '../../../src/engine/rights.ts'
import type { Account } from '../../../src/ports/conversations.ts'

const NO_LOG = { info() {}, warn() {}, error() {} }

/** Ana by both of her ids, as Slack answers in a Grid; Bo, Cy and a stranger by theirs. */
const grid = { person: 'W0ANA', ids: ['W0ANA', 'U0ANA'] }
const PEOPLE: Readonly<Record<string, Account>> = {
  U0ANA: { kind: 'member', email: null, grid },
  W0ANA: { kind: 'member', email: null, grid },
  U0BO: { kind: 'member', email: null },
  W0CY: { kind: 'member', email: null, grid: { person: 'W0CY', ids: ['W0CY'] } },
  U0CY: { kind: 'member', email: null, grid: { person: 'W0CY', ids: ['W0CY', 'U0CY'] } },
  W0XENA: { kind: 'external', email: null, grid: { person: 'W0XENA', ids: ['W0XENA', 'U0ANA'] } },
}

function rightsOver(
  approval: Partial<ApprovalSettings>,
  groups: Readonly<Record<string, readonly string[] | null>> = {},
  silent: readonly string[] = [],
  publishers: Members = { users: [], groups: [] },
) {
  const asked: string[] = []
  const warned: unknown[] = []
  const rights = liveRights({
    approval: ApprovalSettings.parse(approval),
    publishers,
    hash: (text) => `hash of ${text}`,
    log: { ...NO_LOG, warn: (_, more) => void warned.push(more) },
    people: {
      async accountOf(user) {
        asked.push(user)
        if (silent.includes(user)) throw new Error('Slack is away')
        return PEOPLE[user] ?? { kind: 'external', email: null }
      },
      async membersOf(group) {
        const members = groups[group]
        if (!members) throw new Error('Slack is away')
        return members
      },
    },
  })
  return { ...rights, asked, warned }
}

const mayApprove = async (rights: ReturnType<typeof rightsOver>, user: string) =>
  (await rights.approver(user)).roles.approvers

describe('one person with two ids', () => {
  test.each([
    ['settings', { users: ['U0ANA'] }, {}],
    ['a group', { groups: ['S1'] }, { S1: ['U0BO', 'U0ANA'] }],
  ])('may sign with the one where %s has the other', async (_, approval, groups) => {
    const rights = rightsOver(approval, groups)
    expect(await mayApprove(rights, 'W0ANA')).toBe(true)
    expect(await mayApprove(rights, 'U0ANA')).toBe(true)
    expect(await mayApprove(rights, 'W0CY')).toBe(false)
  })

  test('may sign too where only the id in the list tells that it is hers', async () => {
    const rights = rightsOver({ groups: ['S1'] }, { S1: ['U0BO', 'U0CY'] })
    expect(await mayApprove(rights, 'W0CY')).toBe(true)
    expect(await mayApprove(rights, 'W0ANA')).toBe(false)
  })

  test('is one human, with an e-mail address or without', async () => {
    const { signer } = rightsOver({})
    expect((await signer('W0ANA')).human).toBe((await signer('U0ANA')).human)
    expect((await signer('W0CY')).human).toBe((await signer('U0CY')).human)
    expect((await signer('W0ANA')).human).not.toBe((await signer('U0BO')).human)
  })

  test('may perhaps sign while Slack does not say whose ids are listed', async () => {
    const approval = { groups: ['S1'] }
    const rights = rightsOver(approval, { S1: ['U0BO', 'U0CY'] }, ['U0CY'])
    expect(await mayApprove(rights, 'W0CY')).toBe('unknown')
  })
})

test('a stranger stays one, whatever id they say is theirs too', async () => {
  const { approver } = rightsOver({ users: ['U0BO'] })
  expect(await approver('W0XENA')).toMatchObject({ kind: 'external', roles: { approvers: false } })
  expect(await approver('W0NOBODY')).toMatchObject({ kind: 'external' })
})

test('outside of a Grid nobody but the person themselves is asked about', async () => {
  const { approver, asked } = rightsOver({ groups: ['S1'] }, { S1: ['U0ANA', 'U0CY'] })
  expect((await approver('U0BO')).roles.approvers).toBe(false)
  expect(asked).toEqual(['U0BO'])
})

describe('who may publish', () => {
  const mayPublish = async (
    approval: Partial<ApprovalSettings>,
    publishers: Partial<Members>,
    groups: Parameters<typeof rightsOver>[1] = {},
    user = 'U0BO',
  ) => {
    const named = { users: [], groups: [], ...publishers }
    return (await rightsOver(approval, groups, [], named).publisher(user)).publishes
  }

  test.each<[string, Parameters<typeof mayPublish>, boolean | 'unknown']>([
    ['an approver', [{ users: ['U0BO'] }, {}], true],
    ['somebody who is named', [{}, { users: ['U0BO'] }], true],
    ['somebody of a group', [{}, { groups: ['S1'] }, { S1: ['U0BO'] }], true],
    ['somebody by another id', [{}, { users: ['U0ANA'] }, {}, 'W0ANA'], true],
    ['somebody else', [{ users: ['U0ANA'] }, { users: ['U0CY'] }], false],
    ['nobody is named', [{}, {}], false],
    ['a group that does not answer', [{}, { groups: ['S1'] }, { S1: null }], 'unknown'],
    [
      'one that does, beside it',
      [{ groups: ['S2'] }, { groups: ['S1'] }, { S1: null, S2: ['U0BO'] }],
      true,
    ],
  ])('%s', async (_, asked, may) => {
    expect(await mayPublish(...asked)).toBe(may)
  })
})

describe('the directory, read at the start', () => {
  test('is not asked for again at a press, and who left a group still may not sign', async () => {
    const groups: Record<string, string[]> = { S1: ['U0CY', 'U0BO'] }
    const rights = rightsOver({ groups: ['S1'] }, groups)
    await rights.readDirectory()
    expect(rights.asked.toSorted()).toEqual(['U0BO', 'U0CY'])
    expect(await mayApprove(rights, 'W0CY')).toBe(true)
    expect(rights.asked.slice(2)).toEqual(['W0CY'])
    groups['S1'] = ['U0BO']
    expect(await mayApprove(rights, 'W0CY')).toBe(false)
  })

  test('tells who cannot sign, and ends well when Slack is away', async () => {
    const rights = rightsOver({ users: ['W0XENA', 'U0BO'] })
    await rights.readDirectory()
    expect(rights.warned).toEqual([{ user: 'W0XENA', kind: 'external' }])
    await expect(rightsOver({ groups: ['S1'] }, { S1: null }).readDirectory()).resolves.toBe(
      undefined,
    )
  })
})
