import { WebClient } from '@slack/web-api'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkApprovers } from '../../src/adapters/slack/check-approvers.ts'
import { slackPeople } from '../../src/adapters/slack/people.ts'
import type { People } from '../../src/ports/conversations.ts'
import { faultOf, patience } from '../support/contracts/outside.ts'
import {
  ANA,
  ANA_AGAIN,
  APPROVERS,
  BO,
  CY,
  DEL,
  GUS,
  TEAM,
  XENA,
  pipeshub,
} from '../support/slack/fixture.ts'
import { startSlack } from '../support/slack/slack.ts'
import type { Slack } from '../support/slack/slack.ts'
import { silent } from '../support/slack/tiny-bot.ts'

/** Far shorter than the client's own patience. */
const AFTER_ABORT_MS = 500
const CLIENT_TIMEOUT_MS = 5_000

let slack: Slack
let client: WebClient
let people: People

beforeAll(async () => {
  slack = await startSlack()
  client = new WebClient(slack.workspace.app.botToken, {
    slackApiUrl: slack.apiUrl,
    timeout: CLIENT_TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
  })
  people = slackPeople(client, Promise.resolve({ team: TEAM }))
})

beforeEach(() => {
  const { users, groups, scopes } = pipeshub()
  Object.assign(slack.workspace, { users, groups, scopes })
  slack.faults.clear()
})

afterAll(() => slack.stop())

const members = () => people.membersOf(APPROVERS, patience())
const account = (user: string) => people.accountOf(user, patience())

describe('what is asked about people', () => {
  it('is read live: who left the group a moment ago is not in it', async () => {
    expect(await members()).toEqual([ANA, BO])
    slack.group(APPROVERS).loses(ANA)
    expect(await members()).toEqual([BO])
    slack.group(APPROVERS).gains(CY)
    expect(await members()).toEqual([BO, CY])
  })

  it('is read live: an account changes between two questions', async () => {
    const email = 'bo@pipeshub.example'
    expect(await account(BO)).toEqual({ kind: 'member', email })
    for (const kind of ['guest', 'bot', 'external', 'deactivated', 'member'] as const) {
      slack.account(BO).becomes(kind)
      expect(await account(BO)).toEqual({ kind, email })
    }
  })

  it('tells two accounts of one person apart from two people', async () => {
    const [first, second, other] = await Promise.all([ANA, ANA_AGAIN, BO].map(account))
    expect(first?.email).toBe('ana@pipeshub.example')
    expect(second).toEqual(first)
    expect(other?.email).not.toBe(first?.email)
    slack.account(CY).sharesMailboxOf(BO)
    expect(await account(CY)).toEqual(other)
  })

  it('takes no address that nobody confirmed, and knows none without the scope', async () => {
    slack.account(BO).hasEmail('ana@pipeshub.example', { confirmed: false })
    expect(await account(BO)).toEqual({ kind: 'member', email: null })
    slack.workspace.scopes = slack.workspace.scopes.filter((scope) => scope !== 'users:read.email')
    expect(await account(ANA)).toEqual({ kind: 'member', email: null })
  })

  it('has no answer for a group that is disabled or not there', async () => {
    slack.group(APPROVERS).disable()
    const fault = await faultOf(members())
    expect(fault).toMatchObject({ kind: 'terminal', code: 'no_such_subteam' })
    expect(fault.detail).toContain(APPROVERS)
    const nowhere = await faultOf(people.membersOf('S0NOWHERE', patience()))
    expect(nowhere).toMatchObject({ kind: 'terminal' })
    expect(nowhere.detail).toContain('S0NOWHERE')
  })
})

const QUESTIONS = [
  ['users.info', 'accountOf', BO],
  ['usergroups.users.list', 'membersOf', APPROVERS],
] as const

describe.each(QUESTIONS)('when %s fails, %s', (method, question, id) => {
  it('says how long Slack wants to be left alone', async () => {
    slack.faults.add(method, { kind: 'rate-limited', retryAfterS: 7 })
    const fault = await faultOf(people[question](id, patience()))
    expect(fault).toMatchObject({ kind: 'retryable', code: '429', retryAfterMs: 7_000 })
  })

  it('may be asked again', async () => {
    slack.faults.add(method, { kind: 'http', status: 503 })
    slack.faults.add(method, { kind: 'refuse' })
    slack.faults.add(method, { kind: 'rate-limited' })
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await faultOf(people[question](id, patience()))).toMatchObject({ kind: 'retryable' })
    }
    expect(await people[question](id, patience())).toBeTruthy()
  })

  it('ends with its signal, long before the client would', async () => {
    const hang = slack.faults.add(method, { kind: 'hang' })
    const giveUp = new AbortController()
    const asked = faultOf(people[question](id, giveUp.signal))
    await expect.poll(hang.hits).toBe(1)
    const abortedAt = performance.now()
    giveUp.abort()
    expect(await asked).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
    expect(performance.now() - abortedAt).toBeLessThan(AFTER_ABORT_MS)
  })
})

describe('the doctor on the approvers', () => {
  const examine = async (approvers: { users?: string[]; groups?: string[] }) => {
    const all = { users: [], groups: [], requesterMayApprove: false, ...approvers }
    const checks = await checkApprovers(client, all, patience())
    return checks.map(({ state, tried, found }) => `${state} ${tried}: ${found}`)
  }

  it('counts people, not accounts', async () => {
    slack.group(APPROVERS).has([ANA, ANA_AGAIN, BO, GUS])
    expect(await examine({ users: [CY], groups: [APPROVERS] })).toEqual([
      `ok approver ${CY}: a full member`,
      `ok approver group ${APPROVERS}: 2 people who can approve, in 4 accounts`,
      'ok approvers: together 3 people who can approve',
    ])
  })

  it('says who cannot approve, and that one person alone is not enough', async () => {
    expect(await examine({ users: [ANA, ANA_AGAIN, GUS, XENA, DEL, 'U0NOBODY'] })).toEqual([
      `ok approver ${ANA}: a full member`,
      `ok approver ${ANA_AGAIN}: a full member`,
      `wrong approver ${GUS}: a guest: guests cannot approve`,
      `wrong approver ${XENA}: no account of this workspace`,
      `wrong approver ${DEL}: this account is deactivated`,
      'wrong approver U0NOBODY: no account of this workspace',
      'wrong approvers: together 1 person who can approve',
    ])
  })

  it('says which groups are not there or empty, and adds up nothing it does not know', async () => {
    slack.group('S0EMPTY').has([])
    slack.group('S0GUESTS').has([GUS])
    expect(await examine({ users: [ANA], groups: ['S0EMPTY', 'S0GUESTS', 'S0GONE'] })).toEqual([
      `ok approver ${ANA}: a full member`,
      'wrong approver group S0EMPTY: 0 people who can approve, in 0 accounts',
      'wrong approver group S0GUESTS: 0 people who can approve, in 1 account',
      'wrong approver group S0GONE: user group S0GONE: Slack knows no such group, or it is disabled',
    ])
  })

  it('asks for an address where two accounts could pass for two people', async () => {
    slack.account(BO).losesEmail()
    expect(await examine({ users: [BO], groups: [APPROVERS] })).toEqual([
      `careful approver ${BO}: a full member, without a confirmed e-mail address`,
      `careful approver group ${APPROVERS}: 2 people who can approve, in 2 accounts; without a confirmed e-mail address: ${BO}`,
      'careful approvers: together 2 people who can approve: when one of them asks for a plan, there are not two left to sign',
    ])
  })

  it('does not use up the limit of a running bot for a large group', async () => {
    slack.group(APPROVERS).has(Array.from({ length: 41 }, (_, index) => `U0MANY${index}`))
    const before = slack.calls('users.info').length
    expect(await examine({ groups: [APPROVERS] })).toEqual([
      `careful approver group ${APPROVERS}: 41 accounts: too many to look at each`,
    ])
    expect(slack.calls('users.info')).toHaveLength(before)
  })

  it('says what to do about everything that is not well', async () => {
    slack.workspace.scopes = ['users:read']
    const limited = { kind: 'rate-limited', retryAfterS: 1 } as const
    slack.faults.add('users.info', limited, { when: ({ body }) => body['user'] === ANA })
    const all = { users: [ANA, GUS], groups: [APPROVERS], requesterMayApprove: false }
    const checks = await checkApprovers(client, all, patience())
    expect(checks.map(({ state, todo }) => `${state}: ${todo}`)).toEqual([
      'wrong: ask again in a minute',
      'wrong: put the id of a full member in its place in backout.yaml',
      'wrong: compare the scopes with manifests/slack-app.yaml and install the app again',
    ])
  })

  it('is one line when Slack does not answer at all, and ends with its signal', async () => {
    slack.faults.add('*', { kind: 'hang' }, { times: Infinity })
    const all = { users: [ANA, BO], groups: [APPROVERS], requesterMayApprove: false }
    const startedAt = performance.now()
    const checks = await checkApprovers(client, all, AbortSignal.timeout(50))
    expect(performance.now() - startedAt).toBeLessThan(AFTER_ABORT_MS)
    expect(checks).toMatchObject([
      { state: 'wrong', tried: 'approvers', found: 'Slack did not answer in time' },
    ])
  })
})
