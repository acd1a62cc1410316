import { afterAll, beforeAll, expect, it } from 'vitest'
import { startBot, startDemoSlack, type Bot } from '../support/bot.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { card, declare, running, sign, V1, V2, type Declared } from './reading.ts'

let slack: Slack
let bot: Bot
let declared: Declared
let [ana, bo, cy]: Person[] = []

beforeAll(async () => {
  slack = await startDemoSlack()
  bot = await startBot({ slack, scenario: 'data-corruption', platform: 'docker' })
  ;[ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  declared = await declare(slack, ana, '/rollback assess data-corruption')
})

afterAll(async () => {
  await bot.stop()
  await slack.stop()
})

async function signedByTwo(plan: 'plan-2' | 'plan-3'): Promise<void> {
  await sign(slack, bo!, await card(slack, plan, declared.incident, /0 of 2/))
  await sign(slack, cy!, await card(slack, plan, declared.incident, /1 of 2/))
}

it('code and data of containers go back as one plan', async () => {
  const { incident } = declared
  await ana!.command(INCIDENTS, '/rollback plan database')
  await sign(slack, bo!, await card(slack, 'plan-1', incident, /0 of 1/))
  await card(slack, 'run-1', incident, /Plan 1 was carried out/, 60_000)
  await ana!.command(INCIDENTS, '/rollback plan full')
  const plan = await card(slack, 'plan-2', incident, /0 of 2/)
  expect(plan.reads).toMatch(/\*backend\*: 1 container → \*stopped meanwhile, then started again\*/)
  expect(plan.reads).toMatch(/\*backend\*: v2\.0\.0 → \*v1\.9\.0 \(1 container on shop-1\)\*/)
  expect(plan.reads).not.toMatch(/\bpods?\b|Deployment/)
  await signedByTwo('plan-2')
  const run = await card(slack, 'run-2', incident, /Plan 2 was carried out/, 90_000)
  expect(run.reads).toMatch(/backend has v1\.9\.0 on shop-1, and is not started yet/)
  expect(run.reads).toMatch(/pipeshub-backend-1 on shop-1 is running/)
  expect(await running(ana!)).toEqual(V1)
}, 240_000)

it('and Undo takes all of it back', async () => {
  const { incident } = declared
  await ana!.click(INCIDENTS, (await card(slack, 'run-2', incident)).ts, 'Undo')
  await signedByTwo('plan-3')
  await card(slack, 'run-3', incident, /Plan 3 was carried out/, 90_000)
  expect(await running(ana!)).toEqual(V2)
}, 240_000)
