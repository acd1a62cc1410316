import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { card, closeIncident, declare, planned, sign, told, words } from '../e2e/reading.ts'
import { missingAllowed } from '../servers/find.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { acting } from '../support/acting.ts'
import { shippedSettings, startDemoSlack, startSimulatedBot, type Bot } from '../support/bot.ts'
import { ANA, BO, CY, DRILLS } from '../support/slack/fixture.ts'
import { dicts, str } from '../support/slack/json.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'

/** Slack delivers each press to one of two, and one of them plays. */
describe.skipIf(missingAllowed('postgres'))('a drill beside two processes', () => {
  let server: PostgresServer
  let slack: Slack
  beforeAll(async () => {
    server = await startPostgres({ commits: 'to-disk' })
    slack = await startDemoSlack()
  })
  afterAll(async () => {
    await slack?.stop()
    await server?.stop()
  })

  async function start(): Promise<Bot> {
    const bot = await startSimulatedBot({
      slack,
      settings: `${shippedSettings({ 'readSeconds: 5': 'readSeconds: 0' })}\ndrills: { channel: ${DRILLS} }\n`,
      env: { BACKOUT_DATABASE_URL: server.url },
    })
    onTestFinished(() => bot.kill())
    return bot
  }
  const note = (key: RegExp) =>
    until(
      async () =>
        (await slack.chat.all(DRILLS)).find(({ blocks }) =>
          key.test(str(dicts(blocks)[0]?.['block_id'])),
        ),
      `a message ${String(key)}`,
      60_000,
    )

  test('is played to its end, whoever hears what is typed and pressed, and left by one that is killed', async () => {
    const first = await start()
    const second = await start()
    await until(() => acting(first), 'the first one to act', 30_000)
    const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
    const type = (line: string) => told(ana, () => ana.command(DRILLS, `/rollback ${line}`))
    // Each of them twice: Slack takes turns.
    for (const line of ['drill', 'drill', 'drill scores', 'drill scores']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await type(line)).toContain('DRILL: simulated production')
    }
    expect(await type('drill errors-62')).toMatch(/has begun/)
    expect(await type('drill healthy')).toMatch(/A drill is running already/)
    expect(await type('drill healthy')).toMatch(/A drill is running already/)

    const declared = await declare(slack, ana, undefined, DRILLS)
    const plan = await planned(slack, ana, declared, DRILLS)
    await sign(slack, bo, plan, DRILLS)
    await sign(slack, cy, plan, DRILLS)
    await card(slack, 'run-1', declared.incident, /was carried out/, 60_000, DRILLS)
    await card(slack, 'thread-card', declared.incident, /Close incident/, 60_000, DRILLS)
    await closeIncident(ana, declared.thread, DRILLS)
    expect(words((await note(/^drill-ended:/))['blocks'])).toMatch(/The decision was right/)
    const [handed, left] = (
      await server.sql(
        'SELECT last_value, (SELECT count(*) FROM backout.handed) FROM backout.handed_id_seq',
      )
    )
      .trim()
      .split('|')
      .map(Number)
    expect(handed).toBeGreaterThan(3)
    expect(left).toBe(0)
    const drilled = await server.sql(
      `SELECT count(*) FROM backout.events WHERE body LIKE '%drill-%'`,
    )
    expect(drilled).toBe('0\n')

    expect(await type('drill healthy')).toMatch(/has begun/)
    const running = str((await note(/^drill-started:/))['ts'])
    await first.kill()
    await until(() => acting(second), 'the second one to act', 30_000)
    const gone = await until(
      async () => {
        const all = await slack.chat.all(DRILLS)
        return all.find(({ ts, blocks }) => {
          return str(ts) > running && /without a score/.test(words(blocks))
        })
      },
      'the second one to end it',
      60_000,
    )
    expect(words(gone['blocks'])).toMatch(
      /It has no score: what was done in it cannot be read here/,
    )
    expect(await type('drill scores')).toMatch(/errors-62/)
    expect(await type('drill healthy')).toMatch(/has begun/)
  }, 240_000)
})
