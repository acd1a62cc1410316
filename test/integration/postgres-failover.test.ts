import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { checkPostgresJournal } from '../../src/adapters/postgres/check.ts'
import { verifyPostgresJournal } from '../../src/adapters/postgres/verify-journal.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { Journal } from '../../src/ports/journal.ts'
import { missingAllowed } from '../servers/find.ts'
import { freeze } from '../servers/freeze.ts'
import { startPostgresLine, type PostgresLine } from '../servers/postgres-line.ts'
import { requested } from '../support/builders.ts'
import { faultOf } from '../support/contracts/outside.ts'
import { openOn, serverAt } from '../support/postgres-journal.ts'

/** One each time; `npm run test:long` has many. */
const KILLS = Number(process.env['LONG_KILLS'] ?? 1)

/** Appends until it is told to stop, and remembers what it was told is durable. */
function writer(journal: Journal, incident: string) {
  const confirmed: string[] = []
  let faults = 0
  let isStopped = false
  const goesOn = () => !isStopped
  async function write(): Promise<void> {
    for (let count = 1; goesOn();) {
      const delivery = `${incident}:${String(count).padStart(6, '0')}`
      try {
        const append = { incident, seen: 'any', events: [requested], delivery } as const
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { kind } = await journal.append(append)
        // Whoever is not answered asks again, as Slack does: it is there already, then.
        if (kind !== 'appended' && kind !== 'duplicate') throw new Error(kind)
        confirmed.push(delivery)
        count += 1
      } catch (error) {
        if (!(error instanceof Fault) || error.kind === 'terminal') throw error
        faults += 1
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await sleep(20)
      }
    }
  }
  const written = write()
  return {
    confirmed,
    faults: () => faults,
    async stop() {
      isStopped = true
      await written
    },
  }
}

describe.skipIf(missingAllowed('postgres'))('a PostgreSQL journal whose server dies', () => {
  let line: PostgresLine
  beforeAll(async () => {
    line = await startPostgresLine()
  })
  afterAll(() => line?.stop())

  /** Writers at work, a server that is killed among them, and what is there afterwards. */
  async function survives(
    at: readonly string[],
    kill: number,
    comeBack: () => Promise<void>,
  ): Promise<void> {
    const journal = await openOn(serverAt(...at))
    const before = (await journal.head()).position
    const writers = ['a', 'b', 'c'].map((name) => writer(journal, `i-${kill}${name}`))
    const total = () => writers.reduce((sum, { confirmed }) => sum + confirmed.length, 0)
    await expect.poll(total, { timeout: 20_000 }).toBeGreaterThan(5 + kill)
    // Somewhere in what they do, and not always at the same point of it.
    await sleep((kill * 7) % 23)
    await line.kill()
    await comeBack()
    const reached = total()
    await expect.poll(total, { timeout: 20_000 }).toBeGreaterThan(reached + 10)
    await Promise.all(writers.map(({ stop }) => stop()))

    const proof = await verifyPostgresJournal(serverAt(line.primary().url))
    const confirmed = writers.flatMap((one) => one.confirmed)
    expect(proof).toMatchObject({ kind: 'intact', events: before + confirmed.length })
    const found = await journal.receivedUnder(`i-${kill}`, 100_000)
    expect(found.map(({ delivery }) => delivery).toSorted()).toEqual(confirmed.toSorted())
  }

  test('and comes back: what was confirmed is there, once', async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await survives([line.primary().url], kill, line.restart)
    }
  }, 600_000)

  test('and a standby takes over: what was confirmed is there, once', async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const old = line.primary().url
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { url } = await line.standby()
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await survives([old, url], 1_000 + kill, line.promote)
    }
  }, 600_000)

  test('says whether a standby confirms, and takes none for the primary', async () => {
    const alone = await checkPostgresJournal(serverAt(line.primary().url))
    expect(alone.map(({ found }) => found)).toContain(
      'none does: a failover may lose what was written last',
    )
    const { url } = await line.standby()
    const checks = await checkPostgresJournal(serverAt(url, line.primary().url))
    expect(checks.map(({ found }) => found)).toContain(
      'standby does: what Backout has acknowledged is there too',
    )
    const standby = await faultOf(openOn(serverAt(url)))
    expect(standby).toMatchObject({ kind: 'retryable', code: '25006' })
    expect(standby.detail).toContain('read-only')
  })

  test.each<[string, 'any' | 1]>([
    ['is looked up', 'any'],
    ['is foreseen', 1],
  ])(
    'confirms nothing that %s and that its standby has not, whoever breaks off the wait',
    async (how, seen) => {
      const standby = await line.standby()
      const journal = await openOn(serverAt(line.primary().url))
      const append = { incident: how, seen: 'any', events: [requested] } as const
      expect((await journal.append(append)).kind).toBe('appended')
      const receiver = await standby.sql(`SELECT pid FROM pg_stat_wal_receiver`)
      await freeze([Number(receiver)])
      const goOn = () => void process.kill(Number(receiver), 'SIGCONT')
      onTestFinished(goOn)
      const waiting = faultOf(journal.append({ ...append, seen }))
      const cancel = `SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`
      await expect.poll(() => line.primary().sql(cancel), { timeout: 1_500 }).toBe('1\n')
      expect(await waiting).toMatchObject({ kind: 'unknown-outcome' })
      goOn()
      const after = await journal.append(append)
      expect(after).toMatchObject({ kind: 'appended', events: [{ sequence: 3 }] })
    },
  )
})
