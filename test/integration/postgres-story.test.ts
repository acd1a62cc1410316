import { describe, expect, onTestFinished, test } from 'vitest'
import { verifyPostgresJournal } from '../../src/adapters/postgres/verify-journal.ts'
import { card, declare, planned, running, sign, V1 } from '../e2e/reading.ts'
import { missingAllowed } from '../servers/find.ts'
import { startPostgresLine } from '../servers/postgres-line.ts'
import { shippedSettings, startDemoSlack, startSimulatedBot } from '../support/bot.ts'
import { ANA, BO, CY } from '../support/slack/fixture.ts'
import { openOn, serverAt } from '../support/postgres-journal.ts'

describe.skipIf(missingAllowed('postgres'))('a rollback with its journal on PostgreSQL', () => {
  test('goes on, and does each thing once, when the primary is killed after the second signature', async () => {
    await using line = await startPostgresLine()
    const first = line.primary()
    const { url: standby } = await line.standby()
    const slack = await startDemoSlack()
    onTestFinished(() => slack.stop())
    const both = `postgres://postgres@127.0.0.1:${first.port},127.0.0.1:${new URL(standby).port}/postgres`
    await using bot = await startSimulatedBot({
      slack,
      settings: shippedSettings({}),
      env: { BACKOUT_DATABASE_URL: both },
    })
    const [ana, bo, cy] = [ANA, BO, CY].map((who) => slack.as(who))
    if (!ana || !bo || !cy) throw new Error('they are not there')
    const declared = await declare(slack, ana)
    const { incident } = declared
    await planned(slack, ana, declared)
    await sign(slack, bo, await card(slack, 'plan-1', incident))
    await sign(slack, cy, await card(slack, 'plan-1', incident, /1 of 2 signatures/))
    await card(slack, 'run-1', incident, /Rolling back/)
    await line.kill()
    await line.promote()
    await card(slack, 'run-1', incident, /was carried out/, 60_000)
    expect(await running(ana)).toEqual(V1)
    await bot.ready()

    const server = serverAt(line.primary().url)
    expect(await verifyPostgresJournal(server)).toMatchObject({ kind: 'intact' })
    const journal = await openOn(server)
    const events = (await journal.read(incident)).map(({ event }) => event)
    const once = ['plan-approved', 'run-started', 'step-started', 'step-succeeded'] as const
    for (const type of once) {
      const found = events.filter((event) => event.type === type)
      const distinct = new Set(found.map((event) => JSON.stringify(event)))
      expect([type, found.length]).toEqual([type, distinct.size])
    }
    expect(events.filter(({ type }) => type === 'run-started')).toHaveLength(1)
    await journal.close()
    await bot.stop()
  }, 120_000)
})
