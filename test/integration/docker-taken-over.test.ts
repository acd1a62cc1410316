import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { SCOPES } from '../../src/chat/scopes.ts'
import { answerTo, card, declare, sign } from '../e2e/reading.ts'
import { tellOnFailure } from '../e2e/tell-on-failure.ts'
import { missingAllowed } from '../servers/find.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { freshFolder } from '../servers/spawn.ts'
import { acting } from '../support/acting.ts'
import { startConfiguredBot, type Bot } from '../support/bot.ts'
import { dockerOf, startComposeShop, type ComposeShop } from '../support/compose-shop.ts'
import { BAD, GOOD, SERVICES } from '../support/production.ts'
import { ANA, APPROVERS, BO, CY, INCIDENTS, pipeshub } from '../support/slack/fixture.ts'
import { startSlack, type Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'

/** The one that saw the good release run is killed. The one after it has seen the bad one alone. */
describe.skipIf(missingAllowed('docker'))('another Backout on the same journal', () => {
  const stack = new AsyncDisposableStack()
  let shop: ComposeShop
  let slack: Slack
  let server: PostgresServer
  let bot: Bot
  tellOnFailure(() => bot)

  beforeAll(async () => {
    server = stack.use(await startPostgres({ commits: 'to-disk' }))
    shop = stack.use(await startComposeShop())
    slack = stack.adopt(await startSlack({ ...pipeshub(), scopes: Object.keys(SCOPES) }), (one) =>
      one.stop(),
    )
    slack.group(APPROVERS).gains(CY)
  })
  afterAll(async () => {
    await bot?.stop()
    await stack.disposeAsync()
  })

  /** With a folder of its own, as on another machine. */
  async function startBackout(): Promise<Bot> {
    const { botToken, appToken } = slack.workspace.app
    const { urls } = shop
    const started = await startConfiguredBot({
      data: stack.use(await freshFolder('data')).path,
      env: {
        SLACK_BOT_TOKEN: botToken,
        SLACK_APP_TOKEN: appToken,
        SLACK_API_URL: slack.apiUrl,
        BACKOUT_DATABASE_URL: server.url,
      },
      settings: stringify({
        environment: 'production',
        slack: { channels: [INCIDENTS] },
        services: SERVICES.map((name) => ({ name, url: urls[name] })),
        approval: { groups: [APPROVERS], readSeconds: 0 },
        procedures: {
          docker: dockerOf(shop),
        },
      }),
    })
    await until(() => acting(started), 'it to act', 60_000)
    return started
  }
  const recorded = async () =>
    (
      await server.sql(
        `SELECT count(*), min(body::json ->> 'firstSeenAt') FROM backout.releases WHERE service = 'backend'`,
      )
    ).trim()

  test('goes back to what the one before it has seen, and goes on recording', async () => {
    bot = await startBackout()
    await until(
      async () => (await recorded()).startsWith('1|'),
      'the good release to be recorded',
      60_000,
    )
    const first = await recorded()
    await bot.kill()
    await shop.up(BAD)
    await until(async () => (await shop.versionOf('backend')) === BAD, 'the bad release to run')

    bot = await startBackout()
    await until(
      async () => (await recorded()).startsWith('2|'),
      'the bad release to be recorded',
      60_000,
    )
    expect(await recorded()).toBe(first.replace('1|', '2|'))
    const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
    expect(await answerTo(cy, 'deployments')).toMatch(/Runs v2\.0\.0\. Before: v1\.9\.0\./)

    const { incident } = await declare(slack, cy)
    await cy.command(INCIDENTS, `/rollback plan docker --to ${GOOD}`)
    await sign(slack, ana, await card(slack, 'plan-1', incident, /0 of 2/, 20_000))
    await sign(slack, bo, await card(slack, 'plan-1', incident))
    const { reads } = await card(slack, 'run-1', incident, /was carried out|failed/, 60_000)
    expect(reads).toMatch(/backend runs v1\.9\.0 on shop-1; frontend runs v1\.9\.0 on shop-1/)
    expect(await shop.versionOf('backend')).toBe(GOOD)
  }, 180_000)
})
