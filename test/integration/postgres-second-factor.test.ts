import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openPostgresSecondFactor } from '../../src/adapters/postgres/second-factor.ts'
import type { JournalServer } from '../../src/adapters/postgres/server.ts'
import { checkSigning } from '../../src/compose/doctor-signing.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { LOCKOUT } from '../../src/domain/second-factor/code.ts'
import { WAITS_MS } from '../../src/domain/second-factor/enrolment.ts'
import { missingAllowed, requireBinary } from '../servers/find.ts'
import { startPgBouncer } from '../servers/pgbouncer.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { bareSettingsIn } from '../support/bare-settings.ts'
import { runCli } from '../support/cli.ts'
import { secondFactorContract } from '../support/contracts/second-factor.ts'
import { filledJournal, temporaryFolder } from '../support/journal.ts'
import { serverAt } from '../support/postgres-journal.ts'
import {
  codeAt,
  enrolledAt,
  enrolledIn,
  proved,
  SIGNING_KEY,
  storeAt,
  storeOver,
} from '../support/second-factor.ts'

const START = Date.parse('2026-11-29T02:00:00Z')
const PAGE = 'https://127.0.0.1:8443'

describe.skipIf(missingAllowed('postgres'))('second factors on PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ commits: 'to-disk' })
  })
  afterAll(() => server?.stop())
  beforeEach(() => server.sql('DROP SCHEMA IF EXISTS backout CASCADE'))

  const here = () => ({ BACKOUT_DATABASE_URL: server.url })

  async function opened(clock: { readonly nowMs: number }, at: JournalServer, key = SIGNING_KEY) {
    const store = await storeOver(await openPostgresSecondFactor(at), clock, key)
    onTestFinished(() => store.close())
    return store
  }

  secondFactorContract({
    async start() {
      const clock = { nowMs: START }
      const at = serverAt(server.url)
      return { clock, store: await opened(clock, at), connect: () => opened(clock, at) }
    },
  })

  test('of four processes that show the same code in one moment one is believed', async () => {
    const nowMs = Date.now()
    const before = await opened({ nowMs: nowMs - WAITS_MS }, serverAt(server.url))
    const [ana] = await enrolledAt(before, nowMs - WAITS_MS, ['U0ANA'])
    const script = resolve(import.meta.dirname, '../support/show-code.ts')
    const code = codeAt(ana?.secret ?? '', nowMs)
    const shown = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const args = [script, server.url, 'U0ANA', code, String(nowMs)]
        return (await promisify(execFile)(process.execPath, args)).stdout
      }),
    )
    expect(shown.toSorted()).toEqual(['counts', 'used', 'used', 'used'])
  })

  test('the role of the journal does all of it, through a pooler, and still changes no event', async () => {
    await server.sql(`CREATE ROLE "Back out" LOGIN`)
    onTestFinished(async () => {
      await server.sql('DROP OWNED BY "Back out"')
      await server.sql('DROP ROLE "Back out"')
    })
    const made = await runCli(['prepare-journal', '--role', 'Back out'], here())
    expect(made).toMatchObject({ exitCode: 0, complaints: '' })
    await using pooler = await startPgBouncer(server.url, 'transaction')
    const clock = { nowMs: START }
    const as = { ...serverAt(pooler.url), user: 'Back out' }
    const store = await opened(clock, as)
    await enrolledAt(store, clock.nowMs, ['U0ANA'])
    expect(await store.use('U0ANA', 'no')).toMatchObject({ kind: 'wrong' })
    clock.nowMs += LOCKOUT.withinMs + LOCKOUT.lockedMs
    expect(await store.use('U0ANA', 'no')).toMatchObject({ kind: 'wrong', left: 4 })
    await store.answers.keep('account U0ANA', { kind: 'member' })
    expect(await store.revoke('U0ANA')).toBe(true)
    for (const forbidden of [
      `UPDATE backout.events SET body = ''`,
      'UPDATE backout.wrong_codes SET at = 0',
      'DELETE FROM backout.signing_seal',
      'DROP TABLE backout.second_factors',
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await expect(server.sql(`SET ROLE "Back out"; ${forbidden}`), forbidden).rejects.toThrow(
        /permission denied|must be owner/,
      )
    }
  })

  test('whoever froze in the middle of a code does not hold up the others for good', async () => {
    const clock = { nowMs: START }
    const place = await openPostgresSecondFactor(serverAt(server.url))
    onTestFinished(() => place.close())
    const thaws = Promise.withResolvers<void>()
    const frozen = place.whole(() => thaws.promise)
    const told = expect(frozen).rejects.toThrow(/the journal on/)
    await expect(opened(clock, serverAt(server.url))).rejects.toThrow(/another one holds/)
    await expect
      .poll(() => opened(clock, serverAt(server.url)).then(() => 'open', String), {
        timeout: 20_000,
      })
      .toBe('open')
    thaws.resolve()
    await told
  })

  test('neither the tables nor a dump of them hold a secret, and another key opens nothing', async () => {
    const clock = { nowMs: START }
    const store = await opened(clock, serverAt(server.url))
    const { secret } = await proved(store, 'U0ANA', clock.nowMs)
    const link = await store.invite('U0BO')
    const dump = promisify(execFile)(requireBinary('postgres', 'pg_dump'), [
      '--schema=backout',
      server.url,
    ])
    const { stdout } = await dump
    expect(stdout).toContain('U0ANA')
    expect(stdout).not.toContain(secret)
    expect(stdout).not.toContain(link?.token)
    const other = opened(clock, serverAt(server.url), 'another key, as long as the first one is')
    await expect(other).rejects.toThrow(/not sealed with/)
  })

  test('what is put in another person’s place, or given another time, is not believed', async () => {
    const clock = { nowMs: START }
    const store = await opened(clock, serverAt(server.url))
    const ana = await proved(store, 'U0ANA', clock.nowMs)
    await proved(store, 'U0BO', clock.nowMs)
    await store.answers.keep('account U0ANA', { kind: 'member' })
    await server.sql(`
      UPDATE backout.second_factors SET last_step = -1, secret =
        (SELECT secret FROM backout.second_factors WHERE person = 'U0ANA');
      UPDATE backout.kept_answers SET at = at + 1`)
    await expect(store.use('U0BO', codeAt(ana.secret, clock.nowMs))).rejects.toThrow(/was changed/)
    await expect(store.answers.kept('account U0ANA')).rejects.toThrow(/was changed/)
  })

  test('they come over with the journal: codes that counted do not count again, who is locked stays so', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'journal.sqlite')
    await filledJournal(file)
    const clock = { nowMs: Date.now() }
    const [ana, bo] = await enrolledIn(folder, clock.nowMs, ['U0ANA', 'U0BO'])
    const inFile = await storeAt(folder, clock)
    const used = codeAt(ana?.secret ?? '', clock.nowMs)
    expect(await inFile.use('U0ANA', used)).toEqual({ kind: 'counts' })
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    for (let time = 0; time < LOCKOUT.wrong; time += 1) await inFile.use('U0BO', 'no')
    await inFile.close()

    const moved = await runCli(['migrate-journal', file], here())
    expect(moved).toMatchObject({ exitCode: 0, complaints: '' })
    expect(moved.output).toMatch(/journal\.sqlite and \S+second-factor\.sqlite are as they were/)
    expect(existsSync(join(dirname(file), 'second-factor.sqlite'))).toBe(true)
    const store = await opened(clock, serverAt(server.url))
    expect((await store.all()).map(({ user }) => user)).toEqual(['U0ANA', 'U0BO'])
    expect(await store.use('U0ANA', used)).toMatchObject({ kind: 'used' })
    const code = codeAt(bo?.secret ?? '', clock.nowMs)
    expect(await store.use('U0BO', code)).toMatchObject({ kind: 'locked' })
    clock.nowMs += 30_000
    expect(await store.use('U0ANA', codeAt(ana?.secret ?? '', clock.nowMs))).toEqual({
      kind: 'counts',
    })
  })

  test('the doctor says where they are and who could sign, and begins no store', async () => {
    const folder = temporaryFolder()
    const file = bareSettingsIn(folder)
    const variables = {
      ...here(),
      BACKOUT_DATA: folder,
      BACKOUT_SIGNING_KEY: SIGNING_KEY,
      BACKOUT_SIGNING_URL: PAGE,
    }
    const config = loadConfig({ file, variables, needs: [] })
    const tried = 'second factors, on PostgreSQL'
    expect(await checkSigning(config, START)).toMatchObject([
      { state: 'careful', tried, found: 'nobody has enrolled yet' },
    ])
    // A doctor with a wrong key would have begun it with that.
    const clock = { nowMs: START - WAITS_MS }
    await enrolledAt(await opened(clock, serverAt(server.url)), clock.nowMs, ['U0A', 'U0B', 'U0C'])
    expect(await checkSigning(config, START)).toMatchObject([
      { state: 'ok', tried, found: '3 of 3 who enrolled can sign now' },
    ])
  })
})
