import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBot, startDemoSlack, type Bot } from '../support/bot.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { assess, card, sign, type Card } from './reading.ts'

let slack: Slack

beforeAll(async () => {
  slack = await startDemoSlack()
})

afterAll(() => slack.stop())

describe.each(['kubernetes', 'docker'] as const)(
  'a release has brought a flag, on %s',
  (platform) => {
    let bot: Bot
    let assessed: Card

    beforeAll(async () => {
      const on = platform === 'docker' ? { platform } : {}
      bot = await startBot({ slack, scenario: 'tenant-flag', ...on })
      assessed = await assess(slack, slack.as(ANA))
    })

    afterAll(() => bot.stop())

    it('the way back that needs no deploy comes first', () => {
      expect(assessed.spoken).toMatch(/^production: Roll back: 5xx/)
      expect(assessed.reads).toMatch(/\*Way back:\* feature-flag/)
    })

    it('it is switched, read back from every instance, and switched back again', async () => {
      const { incident } = assessed
      const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
      await ana.click(INCIDENTS, assessed.ts, 'Declare incident')
      await card(slack, 'thread-card', incident, /declared the incident/)
      await ana.command(INCIDENTS, '/rollback plan flag')
      const plan = await card(slack, 'plan-1', incident, /0 of 2/)
      expect(plan.spoken).toMatch(
        /^Plan 1 for production: switch MULTI_TENANT_ENABLED to "false"\./,
      )
      expect(plan.reads).toMatch(/"true" .*"false"/)
      expect(plan.reads).toMatch(/0 projects belong to an organisation/)
      await sign(slack, bo, plan)
      await sign(slack, cy, await card(slack, 'plan-1', incident, /1 of 2/))
      const run = await card(slack, 'run-1', incident, /was carried out/, 90_000)
      expect(run.reads).toMatch(/(3 of 3|1 of 1) instances read "false"/)
      await bo.click(INCIDENTS, run.ts, 'Undo')
      await sign(slack, ana, await card(slack, 'plan-2', incident, /0 of 2/))
      await sign(slack, cy, await card(slack, 'plan-2', incident, /1 of 2/))
      const back = await card(slack, 'run-2', incident, /was carried out/, 90_000)
      expect(back.reads).toMatch(/(3 of 3|1 of 1) instances read "true"/)
    }, 240_000)
  },
)
