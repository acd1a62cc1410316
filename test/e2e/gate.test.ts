import { describe, expect } from 'vitest'
import { it as story } from '../support/bot-story.ts'
import { ANA, CY, INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import { until } from '../support/slack/waiting.ts'
import { countOf, journaled, refusals } from './journaled.ts'
import { V2, card, cards, declare, deny, planned, running, sign, told } from './reading.ts'
import type { Card, Declared } from './reading.ts'

let declared: Declared
let plan: Card

const press = (person: Person, label: string, on = plan) =>
  person.click(INCIDENTS, on.ts, label, { seen: on.message })

/** They have been asked whether they have read it: from now on one press of theirs is a signature. */
const hasRead = async (person: Person) => {
  expect(await told(person, () => press(person, 'Approve'))).toMatch(/faster than the card/)
}

const it = story
  .extend(
    'events',
    ({ bot }) =>
      () =>
        journaled(bot, declared.incident),
  )
  .extend('allDecided', ({ events }) => () => {
    const undecided = () => {
      const all = events()
      const decided = countOf(all, 'intent-accepted') + countOf(all, 'intent-refused')
      return countOf(all, 'intent-received') - decided
    }
    return until(() => undecided() === 0, 'every press to be decided')
  })

it.beforeEach(async ({ slack, ana }) => {
  declared = await declare(slack, ana)
  plan = await planned(slack, ana, declared)
})

describe('one denial', () => {
  it('ends the gate, also for the signature that is there, and nothing is carried out', async ({
    slack,
    ana,
    bo,
    cy,
  }) => {
    const { incident } = declared
    await sign(slack, bo, plan)
    await deny(cy, plan, 'the <!channel> *flag* is off already')
    const over = await card(slack, 'plan-1', incident, /\*Denied\* by <@U0CY> at [\d:]+/)
    expect(over.reads.replaceAll('\u200B', '')).toContain(
      'Why:* the &lt;!channel&gt; *flag* is off already',
    )
    expect(over.reads).toMatch(/Nothing of it was carried out\./)
    expect(over.reads).toMatch(/• <@U0BO> (signed )?at /)
    expect(over.reads).not.toMatch(/^(Approve|Deny)$/m)
    expect(over.ts).toBe(plan.ts)
    const late = await told(cy, () => press(cy, 'Approve'))
    expect(late).toMatch(/^This plan takes no signatures: it has ended/)
    await card(slack, 'headline', incident, /Plan 1: denied: the /)
    expect(await cards(slack, 'run-1', incident)).toEqual([])
    expect(await running(ana)).toEqual(V2)
  })

  it('counts also where Slack opens no form for its reason', async ({ slack, cy }) => {
    slack.faults.add('views.open', { kind: 'platform', error: 'fatal_error' })
    await press(cy, 'Deny')
    const over = await card(slack, 'plan-1', declared.incident, /\*Denied\* by <@U0CY>/)
    expect(over.reads).not.toContain('*Why:*')
  })

  it('is not the last word: Plan again asks for signatures from the beginning', async ({
    slack,
    ana,
    bo,
  }) => {
    const { incident } = declared
    await sign(slack, bo, plan)
    await deny(ana, plan)
    const over = await card(slack, 'plan-1', incident, /\*Denied\* by <@U0ANA>/)
    await press(bo, 'Plan again', over)
    const next = await card(slack, 'plan-2', incident, /0 of 2 signatures/)
    // Whoever asked first stays the requester, whoever asks for it again.
    expect(next.reads).toMatch(/Asked to sign: <@U0BO>, <@U0CY>/)
    await sign(slack, bo, next)
    await card(slack, 'plan-2', incident, /1 of 2 signatures/)
    await card(slack, 'plan-1', incident, ({ reads }) => !/^Plan again$/m.test(reads))
    const again = await told(ana, () => press(ana, 'Approve', next))
    expect(again).toMatch(/^You asked for this plan/)
  })
})

describe('two people at the same moment', () => {
  it('approve and deny: it is denied or begun, and never both', async ({
    slack,
    ana,
    bo,
    cy,
    events,
    allDecided,
  }) => {
    const { incident } = declared
    await sign(slack, bo, plan)
    await hasRead(cy)
    await Promise.all([press(cy, 'Approve'), deny(ana, plan)])
    await allDecided()
    const refused = refusals(events()).filter(({ reason }) => reason === 'plan-ended')
    if (countOf(events(), 'plan-denied') === 1) {
      await card(slack, 'plan-1', incident, /\*Denied\* by <@U0ANA>/)
      expect(refused.every(({ by }) => by === CY)).toBe(true)
      expect(countOf(events(), 'plan-approved')).toBe(2 - refused.length)
      expect(await cards(slack, 'run-1', incident)).toEqual([])
      expect(countOf(events(), 'run-started')).toBe(0)
    } else {
      expect(refused).toEqual([{ by: ANA, wish: 'deny', reason: 'plan-ended' }])
      await card(slack, 'run-1', incident, /was carried out/, 40_000)
      expect(countOf(events(), 'run-started')).toBe(1)
    }
  }, 60_000)

  it('deny: the second is told that it is over, and the card names the first', async ({
    slack,
    bo,
    cy,
    events,
    allDecided,
  }) => {
    await Promise.all([deny(bo, plan), deny(cy, plan)])
    await allDecided()
    const ended = events().filter((event) => event.type === 'plan-denied')
    expect(ended).toHaveLength(1)
    const over = await card(slack, 'plan-1', declared.incident, /\*Denied\* by/)
    expect(over.reads).toContain(`by <@${ended[0]?.by}>`)
    expect(refusals(events()).at(-1)).toMatchObject({ wish: 'deny', reason: 'plan-ended' })
  })

  it('approve: both count, and it is begun once', async ({ slack, bo, cy, events }) => {
    const { incident } = declared
    await hasRead(bo)
    await hasRead(cy)
    await Promise.all([press(bo, 'Approve'), press(cy, 'Approve')])
    await card(slack, 'run-1', incident, /was carried out/, 40_000)
    const all = events()
    expect(countOf(all, 'plan-approved')).toBe(2)
    expect(countOf(all, 'run-started')).toBe(1)
    expect(await cards(slack, 'run-1', incident)).toHaveLength(1)
  }, 60_000)
})
