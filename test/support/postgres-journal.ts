import { expect, onTestFinished } from 'vitest'
import { openPostgresJournal } from '../../src/adapters/postgres/journal.ts'
import type { JournalServer } from '../../src/adapters/postgres/server.ts'
import type { PostgresServer } from '../servers/postgres.ts'
import { atMs } from './builders.ts'
import type { JournalSubject } from './contracts/journal.ts'

/** What an address of a test's server means. */
export function serverAt(...addresses: readonly string[]): JournalServer {
  const urls = addresses.map((address) => new URL(address))
  const [first] = urls
  return {
    hosts: urls.map(({ hostname: host, port }) => ({ host, port: Number(port) })),
    database: first?.pathname.slice(1) ?? '',
    user: first?.username ?? '',
    password: first?.password || null,
    tls: null,
  }
}

export async function openOn(server: JournalServer, now: () => number = () => atMs) {
  const journal = await openPostgresJournal({ server, clock: { now } })
  onTestFinished(() => journal.close())
  return journal
}

/** From now on each event ends with what its transaction waits for. */
export const SHOW_WAITS = `
  CREATE FUNCTION backout.waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    new.body = new.body || current_setting('synchronous_commit');
    RETURN new;
  END $$;
  CREATE TRIGGER waiting BEFORE INSERT ON backout.events
    FOR EACH ROW EXECUTE FUNCTION backout.waits()`

/** What holds the journal, for `heldBy`. */
export const JOURNAL_ROW = [
  'SELECT * FROM backout.layout FOR UPDATE',
  `mode = 'RowShareLock'`,
] as const

/** Holds what this takes, as a person who forgot it, until it is let go. */
export async function heldBy(server: PostgresServer, taking: string, lock: string) {
  const holding = server
    .sql(`SET application_name = 'a-person'; BEGIN; ${taking}; SELECT pg_sleep(60)`)
    .catch(() => 'ended')
  const held = `SELECT count(*) FROM pg_locks WHERE granted AND ${lock}`
  await expect.poll(() => server.sql(held), { timeout: 30_000 }).not.toBe('0\n')
  return async () => {
    await server.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'a-person'`,
    )
    expect(await holding).toBe('ended')
  }
}

/** For the contract of every journal. Each test begins with a server that has none. */
export function postgresSubject(running: () => PostgresServer): JournalSubject {
  return {
    async start() {
      const { sql, url } = running()
      await sql('DROP SCHEMA IF EXISTS backout CASCADE')
      const server = serverAt(url)
      return {
        journal: await openOn(server),
        connect: (now) => openOn(server, now),
        failOn: async (incident) => {
          await sql(`
            CREATE FUNCTION backout.fail() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN RAISE EXCEPTION 'as on a disk that fails'; END $$;
            CREATE TRIGGER failing BEFORE INSERT ON backout.events FOR EACH ROW
              WHEN (new.incident = '${incident}') EXECUTE FUNCTION backout.fail()`)
        },
        mend: async () => void (await sql('DROP FUNCTION backout.fail CASCADE')),
        spoil: async (incident, sequence) => {
          const where = `WHERE incident = '${incident}' AND sequence = ${sequence}`
          await sql(`UPDATE backout.events SET body = '{' ${where}`)
        },
      }
    },
  }
}
