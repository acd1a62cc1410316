import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Bot } from '../support/bot.ts'
import { dataFolder, startBot, startDemoSlack } from '../support/bot.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { countOf, journaled } from './journaled.ts'
import { V1, V2, card, cards, declare, noted, planned, running, sign } from './reading.ts'
import type { Card, Declared } from './reading.ts'
import { tellOnFailure } from './tell-on-failure.ts'

/** The simulated production ends with the process: after a restart it runs the bad release again. */
let slack: Slack
let bot: Bot
let ana: Person
let bo: Person
let cy: Person
let data: string
let declared: Declared
let plan: Card

tellOnFailure(() => bot)

const start = () => startBot({ slack, scenario: 'errors-62', data })

beforeEach(async () => {
  data = dataFolder()
  slack = await startDemoSlack()
  bot = await start()
  ana = slack.as(ANA)
  bo = slack.as(BO)
  cy = slack.as(CY)
  declared = await declare(slack, ana)
  plan = await planned(slack, ana, declared)
  await card(slack, 'plan-1', declared.incident, /Evidence: .* kept/)
})

afterEach(async () => {
  await bot.stop()
  await slack.stop()
})

it('killed in the middle of the run, it goes on to the end and says that it was restarted', async () => {
  const { incident } = declared
  await sign(slack, bo, plan)
  await sign(slack, cy, plan)
  const begun = await card(slack, 'run-1', incident, /\d of \d pods/, 20_000)
  await bot.kill()
  bot = await start()
  await noted(slack, declared, /restarted and carries on\. Rolling back: step 1 of 3/)
  const done = await card(slack, 'run-1', incident, /was carried out/, 40_000)
  expect(done.ts).toBe(begun.ts)
  expect(await running(ana)).toEqual(V1)
  await card(slack, 'headline', incident, /Done: .*v1\.9\.0/)
  await card(slack, 'watch-1', incident)
  const events = journaled(bot, incident)
  expect(countOf(events, 'run-started')).toBe(1)
  expect(countOf(events, 'plan-approved')).toBe(2)
  for (const surface of ['headline', 'thread-card', 'checklist', 'plan-1', 'run-1'] as const) {
    // oxlint-disable-next-line no-await-in-loop -- five short looks
    expect(await cards(slack, surface, incident), surface).toHaveLength(1)
  }
}, 90_000)

it('killed while the gate is open: the signature given before counts, and one more starts it', async () => {
  const { incident } = declared
  await sign(slack, bo, plan)
  await bot.kill()
  bot = await start()
  await noted(slack, declared, /restarted and carries on\. Plan 1: 1 of 2 signatures/)
  expect(await running(ana)).toEqual(V2)
  await sign(slack, cy, await card(slack, 'plan-1', incident, /1 of 2 signatures/))
  const done = await card(slack, 'run-1', incident, /was carried out/, 40_000)
  expect(done.reads).toMatch(/signed by <@U0BO> and <@U0CY>/)
  expect(await running(ana)).toEqual(V1)
  expect(await cards(slack, 'plan-1', incident)).toHaveLength(1)
}, 90_000)

it('killed after the second signature was acknowledged, it begins by itself', async () => {
  const { incident } = declared
  await sign(slack, bo, plan)
  const press = () => cy.click(INCIDENTS, plan.ts, 'Approve', { seen: plan.message })
  await press()
  await cy.waitForEphemeral(({ text }) => /faster than the card/.test(text))
  expect((await press()).acked).toBe(true)
  await bot.kill()
  bot = await start()
  await card(slack, 'run-1', incident, /was carried out/, 40_000)
  expect(countOf(journaled(bot, incident), 'run-started')).toBe(1)
  expect(await running(ana)).toEqual(V1)
}, 90_000)

it('stopped in the middle of the run, it goes on just the same', async () => {
  const { incident } = declared
  await sign(slack, bo, plan)
  await sign(slack, cy, plan)
  await card(slack, 'run-1', incident, /\d of \d pods/, 20_000)
  await bot.stop()
  bot = await start()
  await noted(slack, declared, /restarted and carries on\. Rolling back/)
  await card(slack, 'run-1', incident, /was carried out/, 40_000)
  expect(await running(ana)).toEqual(V1)
}, 90_000)
