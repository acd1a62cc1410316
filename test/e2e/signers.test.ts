import { describe, expect } from 'vitest'
import { it as story } from '../support/bot-story.ts'
import { shippedSettings } from '../support/bot.ts'
import {
  ANA,
  ANA_AGAIN,
  APPROVERS,
  BO,
  BOTTY,
  CY,
  DEL,
  GUS,
  INCIDENTS,
  XENA,
} from '../support/slack/fixture.ts'
import type { Fault } from '../support/slack/faults.ts'
import type { Slack } from '../support/slack/slack.ts'
import { countOf, journaled, refusals } from './journaled.ts'
import { V2, card, cards, declare, deny, planned, running, sign, told } from './reading.ts'
import type { Card, Declared } from './reading.ts'

/** Approvers are a user group here, as most teams have it, and nobody is asked whether they have read. */
const SETTINGS = shippedSettings({
  'users: [U0ANA, U0BO, U0CY]': 'users: []',
  'groups: []': `groups: [${APPROVERS}]`,
  'readSeconds: 5': 'readSeconds: 0',
})
const EVERYBODY = [ANA, ANA_AGAIN, BO, CY, GUS, BOTTY, XENA, DEL]

let declared: Declared
let plan: Card

const it = story
  .extend('press', ({ slack }) => (user: string, label = 'Approve') => {
    const person = slack.as(user)
    const click = () => person.click(INCIDENTS, plan.ts, label, { seen: plan.message })
    return told(person, click)
  })
  .extend('events', ({ bot }) => {
    return () => journaled(bot, declared.incident)
  })
  // Nothing counted, the card says so, and the journal says who was refused and why.
  .extend('expectRefused', ({ slack, events }) => {
    return async (by: string, wish: 'approve' | 'deny', reason: string) => {
      expect(refusals(events()).at(-1)).toEqual({ by, wish, reason })
      expect(countOf(events(), 'plan-approved')).toBe(0)
      expect(countOf(events(), 'plan-denied')).toBe(0)
      const { reads } = await card(slack, 'plan-1', declared.incident)
      expect(reads).toMatch(/0 of 2 signatures/)
      expect(reads).toMatch(/^Deny$/m)
    }
  })

it.override('told', { scenario: 'errors-62', settings: SETTINGS })

it.beforeEach(async ({ slack, ana }) => {
  slack.group(APPROVERS).has(EVERYBODY)
  declared = await declare(slack, ana)
  plan = await planned(slack, ana, declared)
})

it.afterEach(({ slack }) => slack.faults.clear())

const MAY_NOT = [
  ['who asked', ANA, 'requester', /^You asked for this plan, so your signature does not count/],
  ['who asked, by another account', ANA_AGAIN, 'requester', /^You asked for this plan/],
  ['a guest in the group', GUS, 'guest', /^Guests cannot do this\. Nothing was done/],
  ['a bot in the group', BOTTY, 'bot-account', /^Bots and workflows cannot do this/],
  ['somebody of another company', XENA, 'external-user', /^People of another company cannot/],
  ['somebody who left', DEL, 'deactivated', /^This account is deactivated/],
] as const

describe('whose signature does not count', () => {
  it.for(MAY_NOT)('%s', async ([, user, reason, reads], { press, expectRefused }) => {
    expect(await press(user)).toMatch(reads)
    await expectRefused(user, 'approve', reason)
  })

  it.for(MAY_NOT.slice(2))(
    '%s cannot deny it either',
    async ([, user, reason, reads], { press, expectRefused }) => {
      expect(await press(user, 'Deny')).toMatch(reads)
      await expectRefused(user, 'deny', reason)
    },
  )

  it('somebody who is not in the group, and whoever left it a moment ago', async ({
    slack,
    press,
    expectRefused,
  }) => {
    slack.group(APPROVERS).has([ANA, BO])
    const reads = /^You are not among the approvers, so this did not count\. Ask one of them/
    expect(await press(CY)).toMatch(reads)
    await expectRefused(CY, 'approve', 'not-an-approver')
    expect(await told(slack.as(CY), () => deny(slack.as(CY), plan))).toMatch(reads)
    await expectRefused(CY, 'deny', 'not-an-approver')
    slack.group(APPROVERS).loses(BO)
    expect(await press(BO)).toMatch(reads)
  })

  it('the second account of somebody who has signed', async ({ slack, bo, press, events }) => {
    slack.account(ANA_AGAIN).sharesMailboxOf(BO)
    await sign(slack, bo, plan)
    expect(await press(ANA_AGAIN)).toMatch(/^Another account with your e-mail address has signed/)
    expect(refusals(events()).at(-1)).toMatchObject({ by: ANA_AGAIN, reason: 'same-human' })
    expect(countOf(events(), 'plan-approved')).toBe(1)
    expect(await cards(slack, 'run-1', declared.incident)).toEqual([])
    slack.account(ANA_AGAIN).sharesMailboxOf(ANA)
  })

  it('an admin who is no approver: what Slack lets people do is not asked', async ({
    slack,
    press,
    expectRefused,
  }) => {
    slack.group(APPROVERS).has([ANA, BO])
    Object.assign(slack.workspace.users.find(({ id }) => id === CY) ?? {}, { is_admin: true })
    expect(await press(CY)).toMatch(/^You are not among the approvers/)
    await expectRefused(CY, 'approve', 'not-an-approver')
  })

  it('but who asked may deny it, also where they are no approver', async ({ slack, ana }) => {
    slack.group(APPROVERS).has([BO, CY])
    await deny(ana, plan)
    await card(slack, 'plan-1', declared.incident, /\*Denied\* by <@U0ANA>/)
  })
})

const FAILURES: [string, Fault][] = [
  ['answers 503', { kind: 'http', status: 503 }],
  ['asks to slow down', { kind: 'rate-limited', retryAfterS: 30 }],
  ['refuses the question', { kind: 'platform', error: 'fatal_error' }],
  ['cuts the connection', { kind: 'refuse' }],
  ['does not answer at all', { kind: 'hang' }],
]

/** A press is judged anew when something else was written meanwhile. */
const FOR_NOW = { times: 20 }

describe('when Slack', () => {
  it.for(FAILURES)(
    '%s about the person, the press does not count',
    async ([, fault], { slack, bo, press, expectRefused }) => {
      slack.faults.add('users.info', fault, FOR_NOW)
      expect(await press(BO)).toMatch(
        /^Slack did not say who you are.*Nothing was done\. Try again/,
      )
      await expectRefused(BO, 'approve', 'person-unknown')
      slack.faults.clear()
      await sign(slack, bo, plan)
    },
  )

  it.for(FAILURES)(
    '%s about the group, the press does not count',
    async ([, fault], { slack, bo, press, expectRefused }) => {
      slack.faults.add('usergroups.users.list', fault, FOR_NOW)
      expect(await press(BO)).toMatch(/^Slack did not say who the approvers are.*Press again/)
      await expectRefused(BO, 'approve', 'rights-unknown')
      slack.faults.clear()
      await sign(slack, bo, plan)
    },
  )

  it('says that the group is disabled, nobody signs', async ({ slack, press, expectRefused }) => {
    slack.group(APPROVERS).disable()
    const refused = await press(BO)
    slack.group(APPROVERS).enable()
    expect(refused).toMatch(/^Slack did not say who the approvers are/)
    await expectRefused(BO, 'approve', 'rights-unknown')
  })
})

describe('between the signature and the first write', () => {
  const LOST: [string, (slack: Slack) => void][] = [
    ['leaves the group', (slack) => slack.group(APPROVERS).loses(BO)],
    ['leaves the company', (slack) => slack.account(BO).becomes('deactivated')],
    ['becomes a guest', (slack) => slack.account(BO).becomes('guest')],
  ]

  it.afterEach(({ slack }) => slack.account(BO).becomes('member'))

  it.for(LOST)(
    'a signer %s: nothing is written, and the card says why',
    async ([, lose], { slack, ana, bo, cy, events }) => {
      await sign(slack, bo, plan)
      lose(slack)
      await cy.click(INCIDENTS, plan.ts, 'Approve')
      const over = await card(slack, 'run-1', declared.incident, /Nothing was written/, 20_000)
      expect(over.reads).toMatch(/<@U0BO> signed, and may not sign any more/)
      expect(over.reads).toMatch(/_Plan again_/)
      expect(countOf(events(), 'step-started')).toBe(0)
      expect(await running(ana)).toEqual(V2)
    },
  )

  it('Slack does not say whether the signers still may: it waits, and begins when it says so', async ({
    slack,
    ana,
    bo,
    cy,
  }) => {
    await sign(slack, bo, plan)
    // The press of the second signer is judged; the question before the first write is not.
    const asked = slack.calls('usergroups.users.list').length
    slack.faults.add(
      'usergroups.users.list',
      { kind: 'http', status: 503 },
      { times: 2, when: () => slack.calls('usergroups.users.list').length > asked + 1 },
    )
    await cy.click(INCIDENTS, plan.ts, 'Approve')
    await card(slack, 'run-1', declared.incident, /did not say whether everybody who signed/)
    expect(await running(ana)).toEqual(V2)
    await card(slack, 'run-1', declared.incident, /was carried out/, 40_000)
  }, 60_000)
})
