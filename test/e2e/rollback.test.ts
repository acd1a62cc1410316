import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Bot } from '../support/bot.ts'
import { startBot, startDemoSlack } from '../support/bot.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { card, declare, planned, sign, told } from './reading.ts'
import { tellOnFailure } from './tell-on-failure.ts'

let slack: Slack
let bot: Bot
let ana: Person
let bo: Person
let cy: Person

tellOnFailure(() => bot)

beforeEach(async () => {
  slack = await startDemoSlack()
  bot = await startBot({ slack, scenario: 'errors-62' })
  ana = slack.as(ANA)
  bo = slack.as(BO)
  cy = slack.as(CY)
})

afterEach(async () => {
  await bot.stop()
  await slack.stop()
})

it('three people roll back: planned, signed twice, verified, watched', async () => {
  const declared = await declare(slack, ana)
  const { incident } = declared
  const plan = await planned(slack, ana, declared)
  expect(plan.reads).toMatch(/backend.*v2\.0\.0.*v1\.9\.0/s)
  const own = await told(ana, () => ana.click(INCIDENTS, plan.ts, 'Approve'))
  expect(own).toMatch(/You asked for this plan/)
  const hasty = await told(bo, () => bo.click(INCIDENTS, plan.ts, 'Approve'))
  expect(hasty).toMatch(/faster than the card can be read/)
  await bo.click(INCIDENTS, plan.ts, 'Approve')
  const once = await card(slack, 'plan-1', incident, /1 of 2/)
  expect(once.reads).toMatch(/<@U0BO>/)
  expect(await told(bo, () => bo.click(INCIDENTS, plan.ts, 'Approve'))).toMatch(
    /signature is there already/,
  )
  await sign(cy, once)
  const done = await card(slack, 'run-1', incident, /v1\.9\.0/, 40_000)
  const finished = await card(slack, 'run-1', incident, /proved|verified/i, 60_000)
  expect(finished.reads).toMatch(/backend: 3 of 3 pods ready/)
  expect(done.ts).toBe(finished.ts)
  await card(slack, 'watch-1', incident)
  const headline = await card(slack, 'headline', incident, /v1\.9\.0/)
  expect(headline.spoken).not.toBe('')
  console.log(
    [
      plan,
      finished,
      headline,
      await card(slack, 'thread-card', incident),
      await card(slack, 'checklist', incident),
      await card(slack, 'watch-1', incident),
    ]
      .map(({ reads }) => reads)
      .join('\n=======\n'),
  )
}, 90_000)
