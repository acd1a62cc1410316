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
import type { Delivery } from '../support/slack/envelopes.ts'
import { ANA, BO, INCIDENTS } from '../support/slack/fixture.ts'
import { str, type Dict } from '../support/slack/json.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'

const OPEN = 1
const PER_SECOND = 20
/** Of one restart: those of the third of a second that a busy machine takes to see a connection close. */
const MOST_ON_THE_WAY = 3
/** At least; a rolling restart takes about as long. */
const SECONDS = Number(process.env['LONG_CLICKS_SECONDS'] ?? 10)

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

  test(`a rolling restart of two under ${PER_SECOND} clicks a second loses none and refuses none`, async () => {
    const replaced = [await start(), await start()]
    const [card] = await until(() => allCards(slack), 'all cards', 60_000)
    const before = await countedIn(server)
    const clicks = clicksOn(slack, card)
    for (const old of replaced) {
      // As the shipped manifest has it: the next one is ready before one of them is told to end.
      await start()
      await old.stop()
    }
    await until(() => clicks.made() >= PER_SECOND * SECONDS, 'all clicks', SECONDS * 3_000)
    const deliveries = await clicks.stop()
    const acknowledged = deliveries.filter(({ acked }) => acked)
    // On its way to a process in the moment in which it closes its connection: Slack says that it failed.
    const onTheWay = deliveries.filter(({ acked }) => !acked)
    const slowestMs = Math.max(...acknowledged.map(({ afterMs }) => afterMs))
    console.log(
      `rolling: ${deliveries.length} clicks, ${onTheWay.length} on their way to a connection that was closed; slowest ${slowestMs} ms`,
    )
    expect(deliveries.length).toBeGreaterThanOrEqual(PER_SECOND * SECONDS)
    expect(onTheWay.length).toBeLessThanOrEqual(MOST_ON_THE_WAY * replaced.length)
    expect(onTheWay.filter(({ afterMs }) => afterMs >= 3_000)).toEqual([])

    const counted = await countedIn(server)
    expect(counted.twice).toEqual([])
    expect(counted.refused).toEqual([])
    const pressed = acknowledged.map(({ envelope }) => str(envelope.payload['trigger_id']))
    expect(counted.deliveries).toEqual(
      expect.arrayContaining(pressed.map((trigger) => expect.stringContaining(trigger))),
    )
    const own = counted.deliveries.length - before.deliveries.length
    expect(own).toBeLessThanOrEqual(deliveries.length)
  }, 600_000)
})

/** Presses at that rate, whether the ones before were acknowledged or not, until one is told to stop. */
function clicksOn(slack: Slack, card: Dict | undefined) {
  const ts = str(card?.['ts'])
  const began = performance.now()
  const clicks: Promise<Delivery>[] = []
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1_000) * PER_SECOND
    while (clicks.length < due) {
      // Each takes the lead over from the other.
      const by = clicks.length % 2 === 0 ? BO : ANA
      clicks.push(slack.as(by).click(INCIDENTS, ts, 'take-lead', { seen: card ?? {} }))
    }
  }, 10)
  return {
    made: () => clicks.length,
    async stop(): Promise<readonly Delivery[]> {
      clearInterval(timer)
      return Promise.all(clicks)
    },
  }
}

/** What has become of every press, by the journal, once each was decided. */
async function countedIn({ url }: PostgresServer) {
  const journal = await openPostgresJournal({ server: serverAt(url), clock: { now: Date.now } })
  const [incident = ''] = await journal.open()
  const read = async () => {
    const events = (await journal.read(incident)).map(({ event }) => event)
    const received = events.flatMap((event) =>
      event.type === 'intent-received' && event.received.intent.kind === 'take-lead'
        ? [event.received.delivery]
        : [],
    )
    const decided = events.flatMap((event) =>
      event.type === 'intent-accepted' || event.type === 'intent-refused' ? [event] : [],
    )
    return { received, decided }
  }
  const isDecided = async () => {
    const { received, decided } = await read()
    const known = new Set(decided.map(({ delivery }) => delivery))
    return received.every((delivery) => known.has(delivery)) && { received, decided }
  }
  try {
    const { received, decided } = await until(isDecided, 'every click to be decided', 60_000)
    const all = [received, decided.map(({ delivery }) => delivery)]
    return {
      deliveries: received,
      // Over two processes the presses of two people change places: whoever presses twice leads already.
      refused: decided.filter(
        (event) => event.type === 'intent-refused' && event.reason !== 'leads-already',
      ),
      twice: all.flatMap((each) => each.filter((one, index) => each.indexOf(one) !== index)),
    }
  } finally {
    await journal.close()
  }
}

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
