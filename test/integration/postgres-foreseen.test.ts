import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openConnections } from '../../src/adapters/postgres/connections.ts'
import { foresee } from '../../src/adapters/postgres/foreseen.ts'
import { verifyPostgresJournal } from '../../src/adapters/postgres/verify-journal.ts'
import { askedAppend } from '../../src/journal/write-append.ts'
import type { Append, Journal } from '../../src/ports/journal.ts'
import { startCommitProxy, type CommitProxy } from '../servers/commit-proxy.ts'
import { missingAllowed } from '../servers/find.ts'
import { startPgBouncer } from '../servers/pgbouncer.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { atMs, opened, requested } from '../support/builders.ts'
import { faultOf } from '../support/contracts/outside.ts'
import { heldBy, JOURNAL_ROW, openOn, serverAt, SHOW_WAITS } from '../support/postgres-journal.ts'

const after = (seen: number): Append => ({ incident: 'i-1', seen, events: [requested] })

describe.skipIf(missingAllowed('postgres'))('an event that goes after the newest one', () => {
  let server: PostgresServer
  let proxy: CommitProxy
  beforeAll(async () => {
    server = await startPostgres({ commits: 'to-disk' })
    proxy = await startCommitProxy(server.port)
  })
  afterAll(async () => {
    await proxy?.stop()
    await server?.stop()
  })
  beforeEach(() => server.sql('DROP SCHEMA IF EXISTS backout CASCADE'))

  const begun = async (at = serverAt(server.url)): Promise<Journal> => {
    const journal = await openOn(at)
    await journal.append({ incident: 'i-1', seen: 0, events: [opened] })
    return journal
  }
  const kindsOf = (appended: readonly { kind: string }[]) => appended.map(({ kind }) => kind)
  const stored = async () =>
    (await server.sql('SELECT incident, sequence FROM backout.events ORDER BY position'))
      .trim()
      .replaceAll('\n', ' ')
  test('is written in one statement, and chained like every other', async () => {
    const journal = await begun()
    await server.sql(`
      CREATE TABLE backout.asked (statement text);
      CREATE FUNCTION backout.ask() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO backout.asked VALUES (current_query());
        RETURN new;
      END $$;
      CREATE TRIGGER asking BEFORE INSERT ON backout.events FOR EACH ROW EXECUTE FUNCTION backout.ask()`)
    for (const seen of [1, 2, 3]) expect((await journal.append(after(seen))).kind).toBe('appended')
    const alone = `SELECT count(*) FROM backout.asked WHERE statement LIKE '%written_by_from%'`
    expect(await server.sql(alone)).toBe('3\n')
    expect(await stored()).toBe('i-1|1 i-1|2 i-1|3 i-1|4')
    const proof = await verifyPostgresJournal(serverAt(server.url))
    expect(proof).toMatchObject({ kind: 'intact', events: 4 })
  })

  test('of an incident that has come further is a conflict, and nothing is written', async () => {
    const journal = await begun()
    expect((await journal.append(after(1))).kind).toBe('appended')
    for (const seen of [0, 1, 3]) expect((await journal.append(after(seen))).kind).toBe('conflict')
    expect(await stored()).toBe('i-1|1 i-1|2')
  })

  test('goes after what another process has written since', async () => {
    const journal = await begun()
    const other = await openOn(serverAt(server.url))
    await other.append({ incident: 'i-2', seen: 0, events: [opened] })
    expect((await journal.append(after(1))).kind).toBe('appended')
    expect((await other.append({ ...after(1), incident: 'i-2' })).kind).toBe('appended')
    expect(await stored()).toBe('i-1|1 i-2|1 i-1|2 i-2|2')
    expect(await verifyPostgresJournal(serverAt(server.url))).toMatchObject({ kind: 'intact' })
  })

  test('is written once, whichever of many processes is first', async () => {
    await begun()
    const journals = await Promise.all([1, 2, 3, 4].map(() => openOn(serverAt(server.url))))
    // Each of them knows the newest event as its own.
    for (const [index, journal] of journals.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await journal.append({ incident: `own-${index}`, seen: 0, events: [opened] })
    }
    for (let seen = 1; seen <= 25; seen += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const kinds = kindsOf(await Promise.all(journals.map((one) => one.append(after(seen)))))
      expect(kinds.toSorted()).toEqual(['appended', 'conflict', 'conflict', 'conflict'])
    }
    const proof = await verifyPostgresJournal(serverAt(server.url))
    expect(proof).toMatchObject({ kind: 'intact', events: 30 })
  })

  test('is looked up anew where somebody has written while it waited for the journal', async () => {
    const journal = await begun()
    const taking = server.sql(`
      SET application_name = 'another'; BEGIN;
      SELECT version FROM backout.layout FOR NO KEY UPDATE;
      SELECT pg_sleep(0.5);
      INSERT INTO backout.events
        SELECT position + 1, incident, sequence + 1, at, NULL, type, body, 'another' FROM backout.events;
      COMMIT`)
    const held = `SELECT count(*) FROM pg_locks WHERE granted AND mode = 'RowShareLock'`
    await expect.poll(() => server.sql(held), { interval: 5 }).not.toBe('0\n')
    expect(await journal.append(after(1))).toEqual({ kind: 'conflict' })
    await taking
    expect(await stored()).toBe('i-1|1 i-1|2')
  })

  test.each(['lost', 'unanswered', 'frozen'] as const)(
    'is looked for where its connection is gone (%s): it is there once',
    async (fate) => {
      const at = new URL(server.url)
      at.port = String(proxy.port)
      const journal = await begun(serverAt(at.href))
      expect((await journal.append(after(1))).kind).toBe('appended')
      proxy.next(fate)
      expect((await journal.append(after(2))).kind).toBe('appended')
      expect((await journal.append(after(3))).kind).toBe('appended')
      expect(await stored()).toBe('i-1|1 i-1|2 i-1|3 i-1|4')
    },
  )

  test('that arrives after it was looked for is not written any more', async () => {
    const at = new URL(server.url)
    at.port = String(proxy.port)
    const journal = await begun(serverAt(at.href))
    expect((await journal.append(after(1))).kind).toBe('appended')
    proxy.next('late')
    const fault = await faultOf(journal.append(after(2)))
    expect(fault).toMatchObject({ kind: 'retryable' })
    expect(fault.detail).toContain('and it was not written')
    const before = (await server.sql('SELECT clock_timestamp()')).trim()
    const over = `SELECT count(*) FROM pg_stat_activity WHERE state = 'idle'
      AND query LIKE '%INSERT INTO backout.events%written_by_from%' AND query_start > '${before}'`
    proxy.deliver()
    await expect.poll(() => server.sql(over), { interval: 20 }).toBe('1\n')
    expect(await stored()).toBe('i-1|1 i-1|2')
    expect((await journal.append(after(2))).kind).toBe('appended')
    expect((await journal.append(after(3))).kind).toBe('appended')
    expect(await stored()).toBe('i-1|1 i-1|2 i-1|3 i-1|4')
  })

  test('waits for the disk, whatever the role has', async () => {
    await server.sql('ALTER ROLE postgres SET synchronous_commit = off')
    onTestFinished(async () => {
      await server.sql('ALTER ROLE postgres RESET synchronous_commit')
    })
    const journal = await begun()
    await server.sql(SHOW_WAITS)
    expect((await journal.append(after(1))).kind).toBe('appended')
    const waits = 'SELECT right(body, 2) FROM backout.events WHERE sequence = 2'
    expect(await server.sql(waits)).toBe('on\n')
  })

  test('says who holds the journal, where it waits in vain', async () => {
    const journal = await begun()
    const letGo = await heldBy(server, ...JOURNAL_ROW)
    const fault = await faultOf(journal.append(after(1)))
    expect(fault).toMatchObject({ kind: 'retryable', code: '55P03' })
    expect(fault.detail).toContain('another one holds the journal: process')
    await letGo()
    expect((await journal.append(after(1))).kind).toBe('appended')
  })

  test('is refused by what only a newer version may write to, and where history is lost', async () => {
    const journal = await begun()
    await server.sql('UPDATE backout.layout SET written_by_from = 99')
    const newer = await faultOf(journal.append(after(1)))
    expect(newer.detail).toContain('only versions of Backout from layout 99 on may write')
    await server.sql('UPDATE backout.layout SET written_by_from = 1')
    await server.sql(`UPDATE backout.events SET hash = 'another' WHERE position = 1`)
    expect(await faultOf(journal.append(after(1)))).toMatchObject({ code: 'history-lost' })
    expect(await stored()).toBe('i-1|1')
  })

  test('through a pooler is looked up, and nothing is prepared there', async () => {
    await using pooler = await startPgBouncer(server.url, 'transaction')
    const journal = await begun(serverAt(pooler.url))
    for (const seen of [1, 2]) expect((await journal.append(after(seen))).kind).toBe('appended')
    expect(await stored()).toBe('i-1|1 i-1|2 i-1|3')
  })

  test('where the server has forgotten what was prepared, goes on without', async () => {
    const connections = openConnections(serverAt(server.url))
    onTestFinished(() => connections.close())
    const ask = () => connections.use(5_000, (session) => session.ask('SELECT $1::int AS n', [7]))
    expect(await ask()).toEqual([{ n: 7 }])
    await connections.use(5_000, (session) => session.ask('DEALLOCATE ALL'))
    expect(await faultOf(ask())).toMatchObject({ kind: 'retryable', code: '26000' })
    expect(await ask()).toEqual([{ n: 7 }])
    expect(await connections.use(5_000, async ({ isOwn }) => isOwn)).toBe(false)
  })
})

test.each<[string, Partial<Append>]>([
  ['after whatever is the last', { seen: 'any' }],
  ['with a delivery', { delivery: 'd-1' }],
  ['with a target', { holds: { plan: 1, targets: ['a'] } }],
  ['that gives targets back', { releases: 1 }],
  ['of several events', { events: [requested, requested] }],
  ['of none', { events: [] }],
])('an append %s is not foreseen', (_, more) => {
  const seen = { newest: { position: 1, hash: 'h' }, mark: '7' }
  const one = foresee([askedAppend(after(1), atMs)], seen)
  expect(one).toMatchObject({ seen: { newest: { position: 2 } } })
  expect(foresee([askedAppend({ ...after(1), ...more }, atMs)], seen)).toBeNull()
})
