import { describe, expect, test } from 'vitest'
import { checkApprovers } from '../../src/adapters/slack/check-approvers.ts'
import { isOurs } from '../../src/adapters/slack/connect.ts'
import { slackPeople } from '../../src/adapters/slack/people.ts'
import { faultOf, patience } from '../support/contracts/outside.ts'
import { slackThat } from '../support/slack/web-api.ts'

const US = Promise.resolve({ team: 'T1' })
const USER = { id: 'U2', team_id: 'T1', is_bot: false, deleted: false }

async function peopleOver(answer: object, us: Promise<{ team: string }> = US) {
  const { client, calls } = await slackThat(() => answer)
  return { people: slackPeople(client, us), calls }
}

describe('how clocks run where somebody is', () => {
  test.each<[string, unknown, string | null]>([
    ['the name of their zone', { ...USER, tz: 'Europe/Berlin', tz_offset: 7200 }, 'Europe/Berlin'],
    ['no name, and how far ahead', { ...USER, tz_offset: 36_000 }, '+10:00'],
    ['a name that nobody knows', { ...USER, tz: 'Mars/Olympus', tz_offset: -12_600 }, '-03:30'],
    ['neither', USER, null],
    ['null', { ...USER, tz: null, tz_offset: null }, null],
    ['what is no zone', { ...USER, tz: 7, tz_offset: 'x' }, null],
    ['no account', undefined, null],
  ])('Slack says %s', async (_, user, zone) => {
    const { people } = await peopleOver({ ok: true, user })
    expect(await people.zoneOf('U2', patience())).toBe(zone)
  })
})

describe('who somebody is', () => {
  const KINDS: [string, unknown, string][] = [
    ['an empty account', {}, 'unknown'],
    ['no account', undefined, 'unknown'],
    ['an account without a workspace', { ...USER, team_id: undefined }, 'unknown'],
    ['an account without an id', { ...USER, id: undefined }, 'unknown'],
    ['a member', USER, 'member'],
    ['a guest', { ...USER, is_restricted: true }, 'guest'],
    ['somebody who was invited and has not come yet', { ...USER, is_invited_user: true }, 'guest'],
    ['a stranger', { ...USER, is_stranger: true }, 'external'],
    ['a workflow', { ...USER, is_workflow_bot: true }, 'bot'],
    ['somebody of another workspace', { ...USER, team_id: 'T2' }, 'external'],
  ]
  test.each(KINDS)('%s', async (_, user, kind) => {
    const { people } = await peopleOver({ ok: true, user })
    expect(await people.accountOf('U2', patience())).toEqual({ kind, email: null })
  })

  const EMAILS: [string, object, string | null][] = [
    [
      'written in lower case',
      { profile: { email: ' Ana.A@PipesHub.example' } },
      'ana.a@pipeshub.example',
    ],
    ['not told', { profile: {} }, null],
    ['not told, with no profile', {}, null],
    ['not told, in a profile of null', { profile: null }, null],
    ['null', { profile: { email: null } }, null],
    ['empty', { profile: { email: '' } }, null],
    ['blank', { profile: { email: '  ' } }, null],
    ['not confirmed', { profile: { email: 'a@b.example' }, is_email_confirmed: false }, null],
    ['confirmed', { profile: { email: 'a@b.example' }, is_email_confirmed: true }, 'a@b.example'],
  ]
  test.each(EMAILS)('an e-mail address, %s', async (_, more, email) => {
    const { people } = await peopleOver({ ok: true, user: { ...USER, ...more } })
    expect(await people.accountOf('U2', patience())).toEqual({ kind: 'member', email })
  })

  test.each(['user_not_found', 'user_not_visible'])('%s: not one of us', async (error) => {
    const { people } = await peopleOver({ ok: false, error })
    expect(await people.accountOf('U9', patience())).toEqual({ kind: 'external', email: null })
  })

  test('is not said while it is not known which workspace is ours', async () => {
    const { people, calls } = await peopleOver({ ok: true, user: USER }, new Promise(() => {}))
    const fault = await faultOf(people.accountOf('U2', AbortSignal.timeout(20)))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
    expect(calls).toEqual([])
  })
})

describe('who somebody is in an Enterprise Grid', () => {
  const ours = { id: 'W2', teams: ['T1', 'T2'] }
  const theirs = { id: 'W2', teams: ['T8', 'T9'] }
  const KINDS: [string, object, string][] = [
    ['without a team', { team_id: undefined, enterprise_user: ours }, 'member'],
    ['with the organisation for a team', { team_id: 'E1', enterprise_user: ours }, 'member'],
    ['with another workspace for a team', { team_id: 'T2', enterprise_user: ours }, 'member'],
    ['with no list of workspaces', { enterprise_user: { id: 'W2' } }, 'member'],
    ['with an empty list', { enterprise_user: { id: 'W2', teams: [] } }, 'member'],
    ['of no workspace at all', { team_id: null, enterprise_user: { id: 'W2' } }, 'unknown'],
    ['in other workspaces', { team_id: 'T9', enterprise_user: theirs }, 'external'],
    ['in other workspaces, whatever the team says', { enterprise_user: theirs }, 'external'],
    ['a stranger', { is_stranger: true, enterprise_user: ours }, 'external'],
    ['a guest', { is_restricted: true, team_id: 'E1', enterprise_user: ours }, 'guest'],
    ['gone', { deleted: true, enterprise_user: ours }, 'deactivated'],
  ]
  test.each(KINDS)('%s', async (_, more, kind) => {
    const { people } = await peopleOver({ ok: true, user: { ...USER, ...more } })
    expect((await people.accountOf('U2', patience())).kind).toBe(kind)
  })

  test.each(['U2', 'W2'])('by which ids: asked with %s', async (asked) => {
    const { people } = await peopleOver({ ok: true, user: { ...USER, enterprise_user: ours } })
    const { grid } = await people.accountOf(asked, patience())
    expect(grid).toEqual({ person: 'W2', ids: ['W2', 'U2'] })
  })

  test('by an id that only the answer tells', async () => {
    const { people } = await peopleOver({ ok: true, user: { ...USER, id: 'W2' } })
    const { grid } = await people.accountOf('U2', patience())
    expect(grid).toEqual({ person: 'W2', ids: ['W2', 'U2'] })
  })
})

test('the doctor counts two ids of one person once, and knows who is in the workspace', async () => {
  const { client } = await slackThat(({ method, args }) => {
    if (method === 'auth.test') return { ok: true, team_id: 'T1', enterprise_id: 'E1' }
    const { user = '' } = args
    const teams = user === 'W5' ? ['T2'] : ['T1', 'T2']
    const enterprise_user = { id: user.replace('U', 'W'), teams }
    return { ok: true, user: { id: user, team_id: 'E1', enterprise_user } }
  })
  const approval = { groups: [], requesterMayApprove: false }
  const checked = async (...users: string[]) =>
    (await checkApprovers(client, { ...approval, users }, patience())).map(({ found }) => found)
  expect((await checked('U2', 'W2')).at(-1)).toBe('together 1 person who can approve')
  expect((await checked('U2', 'W2', 'W3', 'U4')).at(-1)).toBe('together 3 people who can approve')
  expect(await checked('W5', 'W2')).toContain('no account of this workspace')
})

test.each([
  [{ team: 'T1', enterprise: null }, { teamId: 'T1' }, true],
  [{ team: 'T1', enterprise: null }, { teamId: 'T2', enterpriseId: 'E1' }, false],
  [{ team: 'T1', enterprise: null }, {}, false],
  [{ team: 'T1', enterprise: 'E1' }, { teamId: 'T1', enterpriseId: 'E1' }, true],
  [{ team: 'T1', enterprise: 'E1' }, { teamId: 'T2', enterpriseId: 'E1' }, true],
  [{ team: 'T1', enterprise: 'E1' }, { enterpriseId: 'E1' }, true],
  [{ team: 'T1', enterprise: 'E1' }, { teamId: 'T2', enterpriseId: 'E2' }, false],
  [{ team: 'T1', enterprise: 'E1' }, { teamId: 'T2' }, false],
])('we are %j, and a payload of %j is ours: %s', (us, source, ours) => {
  expect(isOurs(us, source)).toBe(ours)
})

describe('who is in a user group', () => {
  test('exactly those that Slack names, disabled groups not asked for', async () => {
    const { people, calls } = await peopleOver({ ok: true, users: ['U1', 'U2'] })
    expect(await people.membersOf('S1', patience())).toEqual(['U1', 'U2'])
    const args = { usergroup: 'S1', include_disabled: 'false' }
    expect(calls).toMatchObject([{ method: 'usergroups.users.list', args }])
  })

  test('nobody, when Slack says that it is empty', async () => {
    const { people } = await peopleOver({ ok: true, users: [] })
    expect(await people.membersOf('S1', patience())).toEqual([])
  })

  const UNREADABLE: [string, object][] = [
    ['without users', {}],
    ['with users that are null', { users: null }],
    ['with users that are no list', { users: 'U1,U2' }],
    ['with something in it that is no account', { users: ['U1', null] }],
    ['with an account without a name', { users: ['U1', ''] }],
  ]
  test.each(UNREADABLE)('an answer %s is no empty group', async (_, answer) => {
    const { people } = await peopleOver({ ok: true, ...answer })
    const fault = await faultOf(people.membersOf('S1', patience()))
    expect(fault).toMatchObject({ kind: 'retryable', dependency: 'slack' })
    expect(fault.detail).toBe('user group S1: Slack’s answer does not say who is in it')
  })

  const REFUSED: [string, string, RegExp][] = [
    ['no_such_subteam', 'terminal', /knows no such group, or it is disabled/],
    ['plan_upgrade_required', 'terminal', /plan has no user groups/],
    ['missing_scope', 'terminal', /lacks a scope/],
    ['subteam_on_holiday', 'terminal', /subteam_on_holiday/],
    ['internal_error', 'retryable', /internal_error/],
  ]
  test.each(REFUSED)('%s names the group', async (error, kind, words) => {
    const { people } = await peopleOver({ ok: false, error })
    const fault = await faultOf(people.membersOf('S1', patience()))
    expect(fault).toMatchObject({ kind, code: error })
    expect(fault.detail).toMatch(/^user group S1: /)
    expect(fault.detail).toMatch(words)
  })
})

test.each(['accountOf', 'membersOf'] as const)(
  '%s does not ask with a signal that is over',
  async (question) => {
    const { people, calls } = await peopleOver({ ok: true, users: [], user: USER })
    const fault = await faultOf(people[question]('X1', AbortSignal.abort()))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
    // A first question that was sent after all would have arrived before the second is answered.
    await people[question]('X2', patience())
    expect(calls.map(({ args }) => args['user'] ?? args['usergroup'])).toEqual(['X2'])
  },
)
