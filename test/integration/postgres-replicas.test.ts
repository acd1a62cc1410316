import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { postgresLease } from '../../src/adapters/postgres/lease.ts'
import { verifyPostgresJournal } from '../../src/adapters/postgres/verify-journal.ts'
import type { Lease } from '../../src/ports/lease.ts'
import { card, cards, declare, planned, running, sign, V1 } from '../e2e/reading.ts'
import { missingAllowed } from '../servers/find.ts'
import { startCommitProxy } from '../servers/commit-proxy.ts'
import { startPgBouncer } from '../servers/pgbouncer.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { shippedSettings, startDemoSlack, startSimulatedBot } from '../support/bot.ts'
import { acting } from '../support/acting.ts'
import { faultOf } from '../support/contracts/outside.ts'
import { openOn, serverAt } from '../support/postgres-journal.ts'
import { ANA, BO, CY } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'

describe.skipIf(missingAllowed('postgres'))('several processes on one journal', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ commits: 'to-disk' })
  })
  afterAll(() => server?.stop())
  beforeEach(async () => {
    await server.sql('DROP SCHEMA IF EXISTS backout CASCADE')
    await (await openOn(serverAt(server.url))).close()
  })

  function leaseOf(holder: string, { url = server.url, leaseMs = 1_000 } = {}): Lease {
    const lease = postgresLease({ server: serverAt(url), holder, leaseMs })
    onTestFinished(() => lease.close())
    return lease
  }

  describe('the lease', () => {
    test('is had by one, however many ask at once', async () => {
      const all = Array.from({ length: 10 }, (_, at) => leaseOf(`p-${at}`, { leaseMs: 60_000 }))
      const held = await Promise.all(all.map((one) => one.hold()))
      expect(held.filter((epoch) => epoch !== null)).toEqual([1])
      const again = await Promise.all(all.map((one) => one.hold()))
      expect(again).toEqual(held)
    })

    test('is taken when it is over or given back, and each time by another number', async () => {
      const [one, other] = [leaseOf('one'), leaseOf('other')]
      expect([await one.hold(), await other.hold()]).toEqual([1, null])
      const taken = await until(
        async () => (await other.hold()) ?? undefined,
        'the lease to be over',
      )
      expect([taken, await one.hold()]).toEqual([2, null])
      await other.release()
      expect([await one.hold(), await other.hold()]).toEqual([3, null])
      // Whoever has it no more gives nothing back.
      await other.release()
      expect(await other.hold()).toBeNull()
    })

    test('is judged by the server’s clock alone', async () => {
      const one = leaseOf('one', { leaseMs: 60_000 })
      await one.hold()
      const left = await server.sql(
        `SELECT extract(epoch FROM until - clock_timestamp()) BETWEEN 55 AND 60 FROM backout.leases`,
      )
      expect(left.trim()).toBe('t')
    })

    test('works through a pooler in transaction mode', async () => {
      await using pooler = await startPgBouncer(server.url, 'transaction')
      const [one, other] = [
        leaseOf('one', { url: pooler.url }),
        leaseOf('other', { url: pooler.url }),
      ]
      expect([await one.hold(), await other.hold()]).toEqual([1, null])
    })

    test('keeps nobody waiting whose process is frozen while it asks', async () => {
      await using proxy = await startCommitProxy(Number(new URL(server.url).port))
      const at = new URL(server.url)
      at.port = String(proxy.port)
      const [one, other] = [leaseOf('one', { url: at.href }), leaseOf('other')]
      await one.hold()
      proxy.next('unsent')
      const asking = one.hold().catch(() => 'frozen')
      const taken = async () => (await other.hold()) ?? undefined
      expect(await until(taken, 'the lease to be taken over')).toBe(2)
      await asking
    })

    test('that cannot be asked for says so, and is nobody’s answer', async () => {
      const one = leaseOf('one')
      await server.sql('DROP TABLE backout.leases')
      expect((await faultOf(one.hold())).dependency).toBe('journal')
    })
  })

  test('the second one ends what the first was killed in: each step once, each message once', async () => {
    const slack = await startDemoSlack()
    onTestFinished(() => slack.stop())
    const start = () =>
      startSimulatedBot({
        slack,
        settings: shippedSettings({}),
        env: { BACKOUT_DATABASE_URL: server.url },
      })
    const first = await start()
    onTestFinished(() => first.kill())
    const second = await start()
    onTestFinished(() => second.stop())
    expect([await acting(first), await acting(second)]).toEqual([true, false])

    const [ana, bo, cy] = [ANA, BO, CY].map((who) => slack.as(who))
    if (!ana || !bo || !cy) throw new Error('they are not there')
    const declared = await declare(slack, ana)
    const { incident } = declared
    await planned(slack, ana, declared)
    await sign(slack, bo, await card(slack, 'plan-1', incident))
    await first.kill()
    const killedAt = performance.now()
    await until(() => acting(second), 'the second one to act', 30_000)
    expect(performance.now() - killedAt).toBeLessThan(17_000)
    await sign(slack, cy, await card(slack, 'plan-1', incident, /1 of 2 signatures/))
    await card(slack, 'run-1', incident, /was carried out/, 60_000)
    expect(await running(ana)).toEqual(V1)

    expect(await verifyPostgresJournal(serverAt(server.url))).toMatchObject({ kind: 'intact' })
    const journal = await openOn(serverAt(server.url))
    const events = (await journal.read(incident)).map(({ event }) => event)
    await journal.close()
    for (const type of ['plan-approved', 'run-started', 'step-started', 'step-succeeded']) {
      const found = events.filter((event) => event.type === type)
      expect([type, new Set(found.map((event) => JSON.stringify(event))).size]).toEqual([
        type,
        found.length,
      ])
    }
    expect(events.filter(({ type }) => type === 'run-started')).toHaveLength(1)
    for (const surface of ['headline', 'thread-card', 'plan-1', 'run-1'] as const) {
      expect([surface, (await cards(slack, surface)).length]).toEqual([surface, 1])
    }
  }, 120_000)
})
