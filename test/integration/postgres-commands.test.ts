import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { keptTexts } from '../../src/adapters/files/kept-texts.ts'
import { checkPostgresJournal } from '../../src/adapters/postgres/check.ts'
import { postgresHanded } from '../../src/adapters/postgres/handed.ts'
import { postgresTexts } from '../../src/adapters/postgres/kept-texts.ts'
import { postgresLease } from '../../src/adapters/postgres/lease.ts'
import { postgresLedger } from '../../src/adapters/postgres/ledger.ts'
import { fillPostgresJournal } from '../../src/adapters/postgres/fill-journal.ts'
import { verifyPostgresJournal } from '../../src/adapters/postgres/verify-journal.ts'
import { sqliteLedger } from '../../src/adapters/sqlite/ledger.ts'
import { ledgerFile } from '../../src/adapters/sqlite/ledger-file.ts'
import { readRows } from '../../src/adapters/sqlite/read-rows.ts'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import { missingAllowed, requireBinary } from '../servers/find.ts'
import { startPgBouncer } from '../servers/pgbouncer.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { run } from '../servers/run.ts'
import { opened, requested } from '../support/builders.ts'
import { runCli } from '../support/cli.ts'
import { selfSigned } from '../support/contracts/certificate.ts'
import { faultOf } from '../support/contracts/outside.ts'
import { filledJournal, openJournal, temporaryFolder } from '../support/journal.ts'
import { entry, image } from '../support/ledger.ts'
import { openOn, serverAt } from '../support/postgres-journal.ts'

describe.skipIf(missingAllowed('postgres'))('a journal on PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ commits: 'to-disk' })
  })
  afterAll(() => server?.stop())
  beforeEach(() => server.sql('DROP SCHEMA IF EXISTS backout CASCADE'))

  const here = () => ({ BACKOUT_DATABASE_URL: server.url })

  async function inFile() {
    const file = join(temporaryFolder(), 'journal.sqlite')
    await filledJournal(file)
    const journal = openJournal(file)
    const holds = { plan: 1, targets: ['a'] }
    await journal.append({ incident: 'i-2', seen: 'any', events: [], holds })
    journal.close()
    return file
  }

  /** What lies beside a journal in a file. */
  async function besides(file: string): Promise<void> {
    const ledger = sqliteLedger({ file: ledgerFile(dirname(file)) })
    await ledger.put([entry(), entry({ service: 'frontend' })])
    ledger.close()
    await keptTexts(dirname(file)).write('readiness', '{"schema":1}')
    await keptTexts(join(dirname(file), 'drills')).write('drills', '{"schema":2}')
  }

  async function broughtOver(file: string) {
    const rows = readRows(file)
    await fillPostgresJournal(serverAt(server.url), {
      ...rows,
      secondFactors: null,
      releases: [],
      texts: new Map(),
    })
    rows.close()
  }

  test('is brought over from a file, which stays as it is, and is proved by the same head', async () => {
    const file = await inFile()
    await besides(file)
    const bytes = readFileSync(file)
    const moved = await runCli(['migrate-journal', file], here())
    expect(moved).toMatchObject({ exitCode: 0, complaints: '' })
    expect(readFileSync(file)).toEqual(bytes)
    const proof = verifyJournal(file)
    expect(await verifyPostgresJournal(serverAt(server.url))).toEqual(proof)
    const told = await runCli(['verify-journal'], here())
    if (proof.kind === 'broken') throw new Error(proof.what)
    const intact = `The journal is intact: 8 events, head ${proof.head}.\nThere is no checkpoint in it.\n`
    expect(told.output).toBe(intact)
    const copy = join(temporaryFolder(), 'copy.jsonl')
    expect(await runCli(['export', copy], here())).toMatchObject({ exitCode: 0, complaints: '' })
    expect((await runCli(['verify-journal', copy])).output).toBe(intact)

    expect(moved.output).toContain(`${file} and ${ledgerFile(dirname(file))} are as they were`)
    const ledger = postgresLedger(serverAt(server.url))
    expect(await ledger.entries(['backend', 'frontend'])).toHaveLength(2)
    await ledger.close()
    const texts = postgresTexts(serverAt(server.url))
    expect(await texts.read('readiness')).toBe('{"schema":1}')
    expect(await texts.read('drills')).toBe('{"schema":2}')
    await texts.close()

    const there = await openOn(serverAt(server.url))
    const claim = { incident: 'i-1', seen: 'any', events: [requested] } as const
    const held = await there.append({ ...claim, holds: { plan: 1, targets: ['a'] } })
    expect(held).toEqual({ kind: 'held', by: { incident: 'i-2', plan: 1 } })
    expect((await there.append(claim)).kind).toBe('appended')
    const again = await runCli(['migrate-journal', file], here())
    expect(again.exitCode).toBe(1)
    expect(again.complaints).toContain('is not empty: it has 9 events already')
  })

  test('is the same one when it was restored from a dump', async () => {
    const file = await inFile()
    await broughtOver(file)
    await server.sql('CREATE DATABASE restored')
    onTestFinished(async () => void (await server.sql('DROP DATABASE restored WITH (FORCE)')))
    const dump = join(temporaryFolder(), 'journal.dump')
    const kept = ['--schema=backout', '--format=custom', `--file=${dump}`]
    await run(requireBinary('postgres', 'pg_dump'), [...kept, server.url])
    const restored = server.url.replace('/postgres?', '/restored?')
    await run(requireBinary('postgres', 'pg_restore'), ['--no-owner', `--dbname=${restored}`, dump])
    const at = { ...serverAt(server.url), database: 'restored' }
    expect(await verifyPostgresJournal(at)).toEqual(verifyJournal(file))
    const journal = await openOn(at)
    const append = { incident: 'i-1', seen: 'any', events: [requested] } as const
    expect((await journal.append(append)).kind).toBe('appended')
    await journal.close()
  })

  test('takes nothing of a file that is broken', async () => {
    const file = await inFile()
    const spoilt = readFileSync(file)
    const at = spoilt.indexOf('U0ÄNÄ')
    spoilt[at + 1] = 0x31
    writeFileSync(file, spoilt)
    const moved = await runCli(['migrate-journal', file], here())
    expect(moved).toMatchObject({ exitCode: 1 })
    expect(moved.output).toContain('is broken at event')
    expect(await server.sql(`SELECT to_regclass('backout.layout')`)).toBe('\n')
  })

  test('is reported from as from a file', async () => {
    const file = await inFile()
    await broughtOver(file)
    const told = await runCli(['report', 'i-1'], here())
    expect(told.exitCode).toBe(0)
    expect(told.output).toBe((await runCli(['report', 'i-1', '--journal', file])).output)
  })

  test.each([
    ['changed', `UPDATE backout.events SET body = replace(body, 'U0', 'U1') WHERE position = 3`, 3],
    ['taken out', 'DELETE FROM backout.events WHERE position = 4', 4],
    ['given another delivery', `UPDATE backout.events SET delivery = 'x' WHERE position = 5`, 5],
    [
      'put in',
      `INSERT INTO backout.events SELECT 9, 'i-9', 1, at, NULL, type, body, hash FROM backout.events WHERE position = 3`,
      9,
    ],
    ['found by another message', `INSERT INTO backout.headlines VALUES (3, 'C', '1.1')`, 3],
  ])('an event that was %s is found', async (_what, sql, position) => {
    await broughtOver(await inFile())
    await server.sql(sql)
    const proof = await verifyPostgresJournal(serverAt(server.url))
    expect(proof).toMatchObject({ kind: 'broken', position })
  })

  test('is used by a role that can add events, and change or remove none', async () => {
    await server.sql(`CREATE ROLE "Back out" LOGIN`)
    onTestFinished(async () => {
      await server.sql('DROP OWNED BY "Back out"')
      await server.sql('DROP ROLE "Back out"')
    })
    const before = await faultOf(openOn({ ...serverAt(server.url), user: 'Back out' }))
    expect(before).toMatchObject({ kind: 'terminal', code: '42501' })
    const made = await runCli(['prepare-journal', '--role', 'Back out'], here())
    expect(made).toMatchObject({ exitCode: 0, complaints: '' })

    const as = { ...serverAt(server.url), user: 'Back out' }
    const journal = await openOn(as)
    const append = { incident: 'i-1', seen: 0, events: [opened, requested] }
    const holds = { plan: 1, targets: ['a'] }
    expect((await journal.append({ ...append, holds })).kind).toBe('appended')
    expect((await journal.append({ incident: 'i-1', seen: 2, events: [], releases: 1 })).kind).toBe(
      'appended',
    )
    await journal.check()
    const ledger = postgresLedger(as)
    for (let n = 0; n < 60; n += 1) {
      // oxlint-disable-next-line no-await-in-loop -- until old ones go
      await ledger.put([entry({ image: image(`shop/backend:v${n}`) })])
    }
    await ledger.close()
    const texts = postgresTexts(as)
    for (const text of ['{}', '{"a":1}']) {
      // oxlint-disable-next-line no-await-in-loop -- the second in place of the first
      await texts.write('readiness', text)
    }
    await texts.close()
    const handed = postgresHanded(as)
    for (const text of ['a', 'ä 🚒', 'c']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await handed.give(text)
    }
    expect(await handed.take()).toEqual(['a', 'ä 🚒', 'c'])
    expect(await handed.take()).toEqual([])
    await handed.close()
    for (const forbidden of [
      `UPDATE backout.events SET body = ''`,
      'DELETE FROM backout.events',
      'TRUNCATE backout.events CASCADE',
      'DELETE FROM backout.headlines',
      'DROP TABLE backout.events',
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await expect(server.sql(`SET ROLE "Back out"; ${forbidden}`), forbidden).rejects.toThrow(
        /permission denied|must be owner/,
      )
    }
    // As an older version has left it, before its tables are made anew by their owner.
    await server.sql(`
      DROP TABLE backout.leases, backout.second_factors, backout.second_factor_links,
        backout.wrong_codes, backout.kept_answers, backout.signing_seal, backout.releases, backout.kept, backout.handed;
      UPDATE backout.layout SET version = 1`)
    const older = await faultOf(openOn(as))
    expect(older).toMatchObject({ kind: 'terminal', code: '42501' })
    expect(older.detail).toContain('have layout 1, this version needs layout 4')
    expect(older.detail).toContain('run prepare-journal once more')
    expect(await runCli(['prepare-journal', '--role', 'Back out'], here())).toMatchObject({
      exitCode: 0,
    })
    const lease = postgresLease({ server: as, holder: 'here', leaseMs: 1_000 })
    expect(await lease.hold()).toBe(1)
    await lease.close()
    expect((await (await openOn(as)).append({ ...append, seen: 2 })).kind).toBe('appended')
    const checks = await checkPostgresJournal(as)
    expect(checks.find(({ tried }) => tried === 'which process acts')).toMatchObject({
      found: expect.stringMatching(/^one on here, for another \d s$/),
    })
    expect(checks.find(({ tried }) => tried === 'the clocks of both machines')).toMatchObject({
      found: 'they agree',
    })
    expect(checks.find(({ tried }) => tried === 'what the role may do')).toMatchObject({
      state: 'ok',
    })
    const asOwner = await checkPostgresJournal(serverAt(server.url))
    expect(asOwner.find(({ tried }) => tried === 'what the role may do')).toMatchObject({
      state: 'careful',
      found: 'it is a superuser',
    })
  })

  test('goes through a pooler in transaction mode, also when two start at once on an empty database', async () => {
    await using pooler = await startPgBouncer(server.url, 'transaction')
    const at = serverAt(pooler.url)
    const startTwo = () => Promise.all([openOn(at), openOn(at)])
    for (let time = 1; time <= 5; time += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await Promise.all((await startTwo()).map((journal) => journal.close()))
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await server.sql('DROP SCHEMA backout CASCADE')
    }
    const both = await startTwo()
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const append = { incident: `i-${index % 4}`, seen: 'any', events: [requested] } as const
        return both[index % 2]?.append({ ...append, delivery: `d-${index % 20}` })
      }),
    )
    expect(outcomes.filter((one) => one?.kind === 'appended')).toHaveLength(20)
    expect(outcomes.filter((one) => one?.kind === 'duplicate')).toHaveLength(20)
    const checks = await checkPostgresJournal(at)
    expect(checks.map(({ found }) => found)).toContain(
      'a pooler in transaction mode; the journal needs nothing that it takes away',
    )
    const direct = await checkPostgresJournal(serverAt(server.url))
    expect(direct.map(({ found }) => found)).toContain('nothing: the connection is its own')
  })

  test('is spoken to by TLS, and only with a certificate that somebody vouches for', async () => {
    const { certificate, key } = await selfSigned()
    await using secure = await startPostgres({ commits: 'to-disk', tls: { certificate, key } })
    const plain = serverAt(secure.url)
    const trusting = await openOn({ ...plain, tls: { ca: certificate } })
    await trusting.check()
    // A server waits for its clients before it ends.
    await trusting.close()
    const strange = await faultOf(openOn({ ...plain, tls: { ca: undefined } }))
    expect(strange).toMatchObject({ kind: 'terminal' })
    expect(strange.detail).toContain('certificate is not one that can be trusted')
    const clear = await faultOf(openOn(plain))
    expect(clear).toMatchObject({ kind: 'terminal', code: '28000' })
    const none = await faultOf(openOn({ ...serverAt(server.url), tls: { ca: certificate } }))
    expect(none).toMatchObject({ kind: 'terminal', detail: expect.stringContaining('no TLS') })
  })
})
