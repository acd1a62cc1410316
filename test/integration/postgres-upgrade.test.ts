import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { postgresLease } from '../../src/adapters/postgres/lease.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { answerTo, declare, told } from '../e2e/reading.ts'
import { missingAllowed } from '../servers/find.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { acting } from '../support/acting.ts'
import { shippedSettings, startDemoSlack, startSimulatedBot, type Bot } from '../support/bot.ts'
import { openOn, serverAt } from '../support/postgres-journal.ts'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'

const HEARD_OF = /an incident cannot be read; a person has to look/g

/** What only a version that is not there yet writes. */
const moonRose = { type: 'moon-rose', over: 'the harbour' } as unknown as Event

async function metric({ url }: Bot, name: string): Promise<string | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]
}

describe.skipIf(missingAllowed('postgres'))('while versions change over', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ commits: 'to-disk' })
  })
  afterAll(() => server?.stop())

  test('an older process leaves what it cannot read to a newer one, loses no press, and serves the rest', async () => {
    const slack = await startDemoSlack()
    onTestFinished(() => slack.stop())
    const startOlder = () =>
      startSimulatedBot({
        slack,
        settings: shippedSettings({}),
        env: { BACKOUT_DATABASE_URL: server.url, BACKOUT_LOG_LEVEL: 'warn' },
      })
    const older = await startOlder()
    onTestFinished(() => older.kill())
    const ana = slack.as(ANA)
    const { incident, thread } = await declare(slack, ana)

    // The newer one is this test: it writes, and asks for the lease, as the program does.
    const journal = await openOn(serverAt(server.url), Date.now)
    await journal.append({ incident, seen: 'any', events: [moonRose] })
    const newer = postgresLease({ server: serverAt(server.url), holder: 'newer', leaseMs: 15_000 })
    onTestFinished(() => newer.close())
    await until(async () => (await newer.hold()) ?? undefined, 'the older one to give way', 40_000)
    expect(await acting(older)).toBe(false)
    expect(await metric(older, 'backout_unreadable_incidents')).toBe('1')
    expect(Number(await metric(older, 'backout_journal_followed_age_seconds'))).toBeLessThan(60)

    const answer = await told(ana, () => ana.click(INCIDENTS, thread.ts, 'Prepare rollback'))
    expect(answer).toMatch(/This is written down\. .*the newer one does it within a minute/)
    const [last] = await eventsOf(incident)
    expect(last).toMatchObject({ type: 'intent-received', received: { by: ANA } })
    expect(older.output().match(HEARD_OF)).toHaveLength(1)
    await older.stop()

    // And one that is started when no newer one is there.
    await newer.release()
    const alone = await startOlder()
    onTestFinished(() => alone.kill())
    await until(() => acting(alone), 'it to act')
    const other = await declare(slack, ana)
    expect(other.incident).not.toBe(incident)
    expect(await answerTo(ana, `status ${other.incident}`)).toContain(other.incident)
    expect(await eventsOf(incident)).toEqual([last])
    expect(alone.output().match(HEARD_OF)).toHaveLength(1)

    /** What follows after what the newer one wrote. */
    async function eventsOf(id: string): Promise<readonly object[]> {
      const rows = await server.sql(
        `SELECT body FROM backout.events WHERE incident = '${id}' AND position >
          (SELECT position FROM backout.events WHERE type = 'moon-rose') ORDER BY position`,
      )
      return rows
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((row) => JSON.parse(row) as object)
    }
  }, 120_000)
})
