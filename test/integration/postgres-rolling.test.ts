import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openConnections } from '../../src/adapters/postgres/connections.ts'
import { openPostgresJournal } from '../../src/adapters/postgres/journal.ts'
import { incidentId } from '../../src/domain/incident/incident-id.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { assess } from '../../src/assess/assess.ts'
import { declaredEvents } from '../bench/open-incidents.ts'
import { missingAllowed } from '../servers/find.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { shippedSettings, startDemoSlack, startSimulatedBot, type Bot } from '../support/bot.ts'
import { assessSettings as settings } from '../support/contracts/settings.ts'
import { serverAt } from '../support/postgres-journal.ts'
import { BO, INCIDENTS } from '../support/slack/fixture.ts'
import { str, type Dict } from '../support/slack/json.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'

const OPEN = 1

describe.skipIf(missingAllowed('postgres'))('a process that is told to end', () => {
  let server: PostgresServer
  let slack: Slack
  beforeAll(async () => {
    server = await startPostgres({ commits: 'to-disk' })
    slack = await startDemoSlack()
    await writeOpen(server)
  })
  afterAll(async () => {
    await slack?.stop()
    await server?.stop()
  })

  async function start(): Promise<Bot> {
    const env = { BACKOUT_DATABASE_URL: server.url }
    const bot = await startSimulatedBot({ slack, settings: shippedSettings({}), env })
    onTestFinished(() => bot.kill())
    return bot
  }

  test('acknowledges the click that it is making durable before it closes its connection to Slack', async () => {
    const bot = await start()
    const cards = await until(() => allCards(slack), 'all cards', 60_000)
    const connections = openConnections(serverAt(server.url))
    onTestFinished(() => connections.close())
    const ended = await connections.use(20_000, async (holder) => {
      // As a disk or a standby that is slow.
      await holder.ask('BEGIN; SELECT 1 FROM backout.layout FOR UPDATE')
      const clicked = slack.as(BO).click(INCIDENTS, str(cards[0]?.['ts']), 'take-lead')
      const waits = () => connections.use(5_000, async ({ ask }) => (await ask(WAITS)).length > 0)
      await until(waits, 'the click to wait for it')
      const stopped = bot.stop()
      // That its socket stays open, a moment alone shows.
      const closes = until(() => slack.sockets.open().length === 0, 'its socket to be closed', 600)
      expect(await closes.catch(() => 'open')).toBe('open')
      await holder.ask('ROLLBACK')
      return { clicked, stopped }
    })
    expect((await ended.clicked).problem).toBeUndefined()
    await ended.stopped
  }, 120_000)
})

const WAITS = 'SELECT 1 FROM pg_locks WHERE NOT granted'

/** Incidents that were declared before any of the processes began. */
async function writeOpen({ url }: PostgresServer): Promise<void> {
  const clock = { now: Date.now }
  const { world } = sandboxWorld({ scenario: 'errors-62', clock, settings })
  const assessment = await assess(world, settings, [], async () => [])
  const journal = await openPostgresJournal({ server: serverAt(url), clock })
  const at = new Date(clock.now()).toISOString()
  const ids = Array.from({ length: OPEN }, (_, index) =>
    incidentId(at, new Uint8Array([1, 0, index])),
  )
  const written = ids.map((incident) =>
    journal.append({ incident, seen: 0, events: declaredEvents(incident, assessment) }),
  )
  expect(new Set((await Promise.all(written)).map(({ kind }) => kind))).toEqual(
    new Set(['appended']),
  )
  await journal.close()
}

async function allCards(slack: Slack): Promise<Dict[] | false> {
  const found = (await slack.chat.all(INCIDENTS)).filter((message) =>
    JSON.stringify(message['blocks'] ?? []).includes('"take-lead"'),
  )
  return found.length === OPEN && found
}
