import { onTestFinished } from 'vitest'
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
