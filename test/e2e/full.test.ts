import { expect, it } from 'vitest'
import { startBot, startDemoSlack } from '../support/bot.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { countOf, journaled } from './journaled.ts'
import { assess, card, noted, sign } from './reading.ts'

/** Code and data are spoilt, and what is to be live again stands beside. */
async function restoredBeside(slack: Slack) {
  const ana = slack.as(ANA)
  const assessed = await assess(slack, ana, '/rollback assess data-corruption')
  const { incident } = assessed
  await ana.click(INCIDENTS, assessed.ts, 'Declare incident')
  await card(slack, 'thread-card', incident, /declared the incident/)
  const headline = await card(slack, 'headline', incident, /./)
  await ana.command(INCIDENTS, '/rollback plan database')
  await sign(slack, slack.as(BO), await card(slack, 'plan-1', incident, /0 of 1/))
  await card(slack, 'run-1', incident, /Plan 1 was carried out/, 60_000)
  return { declared: { ...assessed, headline }, incident }
}

async function signed(slack: Slack, plan: `plan-${number}`, incident: string): Promise<void> {
  await sign(slack, slack.as(BO), await card(slack, plan, incident, /0 of 2/))
  await sign(slack, slack.as(CY), await card(slack, plan, incident, /1 of 2/))
}

it('code and data go back as one plan, although the bot is killed while the data is switched', async () => {
  await using cleaning = new AsyncDisposableStack()
  const slack = cleaning.adopt(await startDemoSlack(), (one) => one.stop())
  const demo = cleaning.use(await startBot({ slack, scenario: 'data-corruption', crash: true }))
  const { declared, incident } = await restoredBeside(slack)
  await slack.as(ANA).command(INCIDENTS, '/rollback plan full')
  const plan = await card(slack, 'plan-2', incident, /0 of 2/)
  expect(plan.reads).toMatch(/projects, organizations to es-/)
  expect(plan.reads).toMatch(/documents created and \d+ changed since the backup are set aside/)
  await signed(slack, 'plan-2', incident)

  // Everything is stopped: the second phase has begun.
  await card(slack, 'run-2', incident, /no pod runs, as it is scaled to 0/, 60_000)
  const killed = Number(/kill -9 (\d+)/.exec(demo.output())?.[1])
  process.kill(killed, 'SIGKILL')
  await until(() => /The bot runs again, as process \d+/.test(demo.output()), 'a new bot', 20_000)

  await noted(slack, declared, /restarted and carries on\./)
  const run = await card(slack, 'run-2', incident, /Plan 2 was carried out/, 120_000)
  expect(run.reads).toMatch(/2 switched; what was live is kept/)
  expect(run.reads).toMatch(/backend: 3 of 3 pods ready/)
  expect(run.reads).toMatch(/File uploads work: POST/)
  const events = journaled(demo, incident)
  expect(countOf(events, 'backout-restarted')).toBe(1)
  expect(countOf(events, 'run-started')).toBe(2)
}, 240_000)

it('stopped in its first phase, it says what stands; planned again, it comes to its end', async () => {
  await using cleaning = new AsyncDisposableStack()
  const slack = cleaning.adopt(await startDemoSlack(), (one) => one.stop())
  cleaning.use(await startBot({ slack, scenario: 'data-corruption' }))
  const { incident } = await restoredBeside(slack)
  await slack.as(ANA).command(INCIDENTS, '/rollback plan full')
  await signed(slack, 'plan-2', incident)

  // From its first write on there is something to be said.
  const running = await card(slack, 'run-2', incident, /the keys say on/, 60_000)
  await slack.as(ANA).click(INCIDENTS, running.ts, 'Stop after this step')
  const stopped = await card(slack, 'run-2', incident, /Plan 2 was stopped/, 60_000)
  expect(stopped.reads).toMatch(/maintenance is on/)
  const headline = await card(slack, 'headline', incident, /was stopped/)
  expect(headline.reads).toMatch(/left so: maintenance is on/)

  await slack.as(ANA).click(INCIDENTS, stopped.ts, 'Plan again')
  await signed(slack, 'plan-3', incident)
  const run = await card(slack, 'run-3', incident, /Plan 3 was carried out/, 120_000)
  expect(run.reads).toMatch(/maintenance/i)
  const after = await card(slack, 'headline', incident, /Done:/)
  expect(after.reads).not.toMatch(/left so/)
}, 240_000)
