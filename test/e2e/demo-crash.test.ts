import { expect, it } from 'vitest'
import { startBot, startDemoSlack } from '../support/bot.ts'
import { ANA, BO, CY } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'
import { countOf, journaled } from './journaled.ts'
import { V1, V2, card, cards, declare, noted, planned, running, sign } from './reading.ts'

it('the demo’s bot is killed in the middle of a rollback, and goes on over the same production', async () => {
  await using cleaning = new AsyncDisposableStack()
  const slack = cleaning.adopt(await startDemoSlack(), (one) => one.stop())
  const demo = cleaning.use(await startBot({ slack, scenario: 'errors-62', crash: true }))
  const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  const declared = await declare(slack, ana)
  const { incident } = declared
  const plan = await planned(slack, ana, declared)
  await card(slack, 'plan-1', incident, /Evidence: .* kept/)
  expect(await running(ana)).toEqual(V2)
  await sign(slack, bo, plan)
  await sign(slack, cy, plan)
  await card(slack, 'run-1', incident, /\d of \d pods/, 20_000)

  const killed = Number(/kill -9 (\d+)/.exec(demo.output())?.[1])
  expect(killed).not.toBe(demo.pid)
  process.kill(killed, 'SIGKILL')
  await until(() => /The bot is gone \(SIGKILL\)/.test(demo.output()), 'the demo to say so')
  await until(() => /The bot runs again, as process \d+/.test(demo.output()), 'a new bot', 20_000)

  await noted(slack, declared, /restarted and carries on\. Rolling back: step 1 of 3/)
  await card(slack, 'run-1', incident, /was carried out/, 40_000)
  expect(await running(ana)).toEqual(V1)
  const events = journaled(demo, incident)
  expect(countOf(events, 'run-started')).toBe(1)
  expect(countOf(events, 'backout-restarted')).toBe(1)
  expect(await cards(slack, 'run-1', incident)).toHaveLength(1)
}, 120_000)
