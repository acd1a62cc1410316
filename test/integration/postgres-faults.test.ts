import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openConnections } from '../../src/adapters/postgres/connections.ts'
import { openPostgresSecondFactor } from '../../src/adapters/postgres/second-factor.ts'
import { missingAllowed } from '../servers/find.ts'
import { startCommitProxy, type CommitProxy } from '../servers/commit-proxy.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { opened, requested } from '../support/builders.ts'
import { faultOf } from '../support/contracts/outside.ts'
import { heldBy, JOURNAL_ROW, openOn, serverAt, SHOW_WAITS } from '../support/postgres-journal.ts'

describe.skipIf(missingAllowed('postgres'))('a PostgreSQL journal on a bad day', () => {
  let server: PostgresServer
  let proxy: CommitProxy
  beforeAll(async () => {
    server = await startPostgres({ commits: 'to-disk' })
    proxy = await startCommitProxy(Number(new URL(server.url).port))
  })
  afterAll(async () => {
    await proxy?.stop()
    await server?.stop()
  })
  beforeEach(() => server.sql('DROP SCHEMA IF EXISTS backout CASCADE'))

  const throughProxy = () => {
    const at = new URL(server.url)
    at.port = String(proxy.port)
    return openOn(serverAt(at.href))
  }
  const any = { incident: 'i-1', seen: 'any', events: [requested] } as const
  const stored = async () =>
    (await server.sql('SELECT incident, sequence FROM backout.events ORDER BY position'))
      .trim()
      .replaceAll('\n', ' ')

  test.each(['lost', 'unanswered', 'frozen'] as const)(
    'a commit whose connection is gone (%s) is looked for: it is there once',
    async (fate) => {
      const journal = await throughProxy()
      await journal.append({ incident: 'i-1', seen: 0, events: [opened] })
      proxy.next(fate)
      const events = await Promise.all([journal.append(any), journal.append(any)])
      expect(events.map(({ kind }) => kind)).toEqual(['appended', 'appended'])
      expect(await stored()).toBe('i-1|1 i-1|2 i-1|3')
      expect((await journal.append({ ...any, seen: 3 })).kind).toBe('appended')
    },
  )

  test('a target is claimed once, when the answer to it is lost', async () => {
    const journal = await throughProxy()
    await journal.append({ incident: 'i-1', seen: 0, events: [opened] })
    proxy.next('unanswered')
    const holds = { plan: 1, targets: ['a'] }
    const claim = { incident: 'i-1', seen: 'any', events: [], holds } as const
    expect(await journal.append(claim)).toEqual({ kind: 'appended', events: [] })
    const other = await journal.append({ ...claim, incident: 'i-2' })
    expect(other).toEqual({ kind: 'held', by: { incident: 'i-1', plan: 1 } })
  })

  test('a commit that nobody can be asked about any more is told as unknown, and never repeated', async () => {
    const journal = await throughProxy()
    onTestFinished(proxy.open)
    await journal.append({ incident: 'i-1', seen: 0, events: [opened] })
    proxy.next('last')
    const fault = await faultOf(journal.append(any))
    expect(fault).toMatchObject({ kind: 'unknown-outcome', dependency: 'journal' })
    expect(fault.detail).toContain('whether it was written is not known')
    expect(await stored()).toBe('i-1|1 i-1|2')
    proxy.open()
    expect((await journal.append({ ...any, seen: 2 })).kind).toBe('appended')
  })

  test('connections that the server has ended are made anew, and nobody notices', async () => {
    const journal = await openOn(serverAt(server.url))
    await journal.append({ incident: 'i-1', seen: 0, events: [opened] })
    await server.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'backout'`,
    )
    expect((await journal.append(any)).kind).toBe('appended')
    expect(await journal.read('i-1')).toHaveLength(2)
  })

  test('a transaction that the server undoes because of another is written again', async () => {
    const journal = await openOn(serverAt(server.url))
    await server.sql(`
      CREATE SEQUENCE backout.tries;
      CREATE FUNCTION backout.undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('backout.tries') = 1 THEN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END IF;
        RETURN new;
      END $$;
      CREATE TRIGGER undoing BEFORE INSERT ON backout.events
        FOR EACH ROW EXECUTE FUNCTION backout.undo()`)
    expect((await journal.append({ ...any, seen: 0 })).kind).toBe('appended')
    expect(await stored()).toBe('i-1|1')
  })

  test('what waits for the disk is switched on, whatever the role has', async () => {
    const journal = await openOn(serverAt(server.url))
    await server.sql(`ALTER ROLE postgres SET synchronous_commit = off; ${SHOW_WAITS}`)
    onTestFinished(async () => {
      await server.sql('ALTER ROLE postgres RESET synchronous_commit')
    })
    const fresh = await openOn(serverAt(server.url))
    await fresh.append(any)
    expect(await server.sql(`SELECT right(body, 2) FROM backout.events`)).toBe('on\n')
    await journal.close()
  })

  const takeNumber = (name: string) =>
    `SELECT pg_advisory_xact_lock(x'${Buffer.from(name).toString('hex')}'::bigint)`

  test('where another one holds the journal, it is said who, and since when', async () => {
    const journal = await openOn(serverAt(server.url))
    const letGo = await heldBy(server, ...JOURNAL_ROW)
    const fault = await faultOf(journal.append(any))
    expect(fault).toMatchObject({ kind: 'retryable', code: '55P03' })
    expect(fault.detail).toMatch(
      /another one holds the journal: process \d+ .*a-person.*since \d s/,
    )
    await letGo()
    expect((await journal.append(any)).kind).toBe('appended')
  })

  test('where another one holds the second factors, it is they that are named, and who: the journal is free', async () => {
    const journal = await openOn(serverAt(server.url))
    const place = await openPostgresSecondFactor(serverAt(server.url))
    onTestFinished(() => place.close())
    const letGo = await heldBy(server, takeNumber('seco'), `locktype = 'advisory'`)
    const fault = await faultOf(place.whole(async () => 'alone'))
    expect(fault).toMatchObject({ kind: 'retryable', code: '55P03' })
    expect(fault.detail).toMatch(
      /another one holds the second factors: process \d+ .*a-person, from .*since \d s/,
    )
    expect((await journal.append(any)).kind).toBe('appended')
    await letGo()
    expect(await place.whole(async () => 'alone')).toBe('alone')
  })

  test('where another one makes the tables, it is said who, as far as the role may see', async () => {
    await server.sql(`CREATE ROLE narrow LOGIN; GRANT CREATE ON DATABASE postgres TO narrow`)
    onTestFinished(async () => void (await server.sql('DROP OWNED BY narrow; DROP ROLE narrow')))
    const letGo = await heldBy(server, takeNumber('back'), `locktype = 'advisory'`)
    const fault = await faultOf(openOn({ ...serverAt(server.url), user: 'narrow' }))
    expect(fault).toMatchObject({ kind: 'retryable', code: '55P03' })
    // Neither from where nor since when: the role may not see that.
    expect(fault.detail).toMatch(
      /another one makes the tables of the journal: process \d+ of the server \(a-person\)$/,
    )
    await letGo()
  })

  test('where another one writes while tables are made anew, it is said who holds the journal', async () => {
    await openOn(serverAt(server.url))
    await server.sql('UPDATE backout.layout SET version = version - 1')
    await server.sql('DROP TABLE backout.releases, backout.kept, backout.handed')
    const letGo = await heldBy(server, ...JOURNAL_ROW)
    const fault = await faultOf(openOn(serverAt(server.url)))
    expect(fault.detail).toMatch(
      /another one holds the journal: process \d+ .*a-person.*since \d+ s/,
    )
    await letGo()
  })

  test('where no more connections are to be had, that is what is said', async () => {
    await openOn(serverAt(server.url))
    await server.sql(`CREATE ROLE narrow LOGIN CONNECTION LIMIT 0`)
    onTestFinished(async () => void (await server.sql('DROP ROLE narrow')))
    const fault = await faultOf(openOn({ ...serverAt(server.url), user: 'narrow' }))
    expect(fault).toMatchObject({ kind: 'retryable', code: '53300' })
    expect(fault.detail).toContain('takes no more connections')
  })

  test('where all of its own connections are busy, whoever waits is told, and it goes on afterwards', async () => {
    const journal = await openOn(serverAt(server.url))
    await journal.append({ incident: 'i-1', seen: 0, events: [opened] })
    const others = openConnections(serverAt(server.url))
    onTestFinished(() => others.close())
    const faults = await others.use(30_000, async (session) => {
      await session.ask('BEGIN; LOCK TABLE backout.events IN ACCESS EXCLUSIVE MODE')
      // More than it has connections.
      const reads = Array.from({ length: 12 }, () => faultOf(journal.read('i-1')))
      const found = await Promise.all(reads)
      await session.ask('ROLLBACK')
      return found
    })
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['retryable']))
    expect(await journal.read('i-1')).toHaveLength(1)
  })

  test('a primary that was made read-only takes nothing, and is asked again once it is not', async () => {
    const journal = await openOn(serverAt(server.url))
    await journal.append({ incident: 'i-1', seen: 0, events: [opened] })
    const set = async (to: string, shown: string) => {
      await server.sql(`ALTER SYSTEM ${to}`)
      await server.sql('SELECT pg_reload_conf()')
      const now = () => server.sql('SHOW default_transaction_read_only')
      await expect.poll(now, { timeout: 30_000 }).toBe(`${shown}\n`)
    }
    onTestFinished(() => set('RESET default_transaction_read_only', 'off'))
    await set('SET default_transaction_read_only = on', 'on')
    const fault = await faultOf(journal.append({ ...any, seen: 1 }))
    expect(fault).toMatchObject({ kind: 'retryable', code: '25006' })
    expect(fault.detail).toContain('read-only')
    expect(await journal.read('i-1')).toHaveLength(1)
    await set('RESET default_transaction_read_only', 'off')
    expect((await journal.append({ ...any, seen: 1 })).kind).toBe('appended')
  })

  test('events that were confirmed and are gone stop everything, until somebody has looked', async () => {
    const journal = await openOn(serverAt(server.url))
    await journal.append({ incident: 'i-1', seen: 0, events: [opened, requested] })
    await server.sql('DELETE FROM backout.events WHERE position = 2')
    const fault = await faultOf(journal.append(any))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'history-lost' })
    expect(await faultOf(journal.check())).toMatchObject({ code: 'history-lost' })
    expect(await stored()).toBe('i-1|1')
    const restarted = await openOn(serverAt(server.url))
    expect((await restarted.append(any)).kind).toBe('appended')
  })

  test('beside a newer version it goes on, until that one has changed what it may not write to', async () => {
    const journal = await openOn(serverAt(server.url))
    await server.sql('UPDATE backout.layout SET version = version + 1')
    expect((await journal.append(any)).kind).toBe('appended')
    const restarted = await openOn(serverAt(server.url))
    expect((await restarted.append(any)).kind).toBe('appended')
    await server.sql('UPDATE backout.layout SET written_by_from = version')
    const refused = [journal.append(any), restarted.check(), openOn(serverAt(server.url))]
    for (const fault of await Promise.all(refused.map((one) => faultOf(one)))) {
      expect(fault).toMatchObject({ kind: 'terminal' })
      expect(fault.detail).toMatch(/only versions of Backout from layout \d+ on/)
    }
    expect(await stored()).toBe('i-1|1 i-1|2')
  })

  test('a name that the server could not keep fails alone', async () => {
    const journal = await openOn(serverAt(server.url))
    const bad = ['a\0b', '\ud800', 'x'.repeat(2_001)].map((delivery) =>
      faultOf(journal.append({ ...any, delivery })),
    )
    const good = journal.append(any)
    for (const fault of await Promise.all(bad)) expect(fault.kind).toBe('terminal')
    expect((await good).kind).toBe('appended')
  })

  test('a server that could lose what it has confirmed, or not keep it, is refused', async () => {
    const setFsync = async (to: string, shown: string) => {
      await server.sql(`ALTER SYSTEM ${to}`)
      await server.sql('SELECT pg_reload_conf()')
      await expect.poll(() => server.sql('SHOW fsync')).toBe(`${shown}\n`)
    }
    onTestFinished(() => setFsync('RESET fsync', 'on'))
    await setFsync('SET fsync = off', 'off')
    const lost = await faultOf(openOn(serverAt(server.url)))
    expect(lost).toMatchObject({ kind: 'terminal', detail: expect.stringContaining('fsync') })
    await server.sql(`CREATE DATABASE narrow ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`)
    const narrow = await faultOf(openOn({ ...serverAt(server.url), database: 'narrow' }))
    expect(narrow).toMatchObject({ kind: 'terminal', detail: expect.stringContaining('UTF8') })
  })

  test('nobody there, no such database and no journal at all are told apart', async () => {
    const there = serverAt(server.url)
    const nobody = await faultOf(openOn({ ...there, hosts: [{ host: '127.0.0.1', port: 1 }] }))
    expect(nobody).toMatchObject({ kind: 'retryable', code: 'ECONNREFUSED' })
    const none = await faultOf(openOn({ ...there, database: 'nowhere' }))
    expect(none).toMatchObject({ kind: 'terminal', code: '3D000' })
  })
})
