import { newestFirst, type LedgerEntry } from '../../domain/workload/ledger.ts'
import { putting } from '../../domain/workload/put-states.ts'
import { ledgerFault, parseEntry, recordedSince, storedEntry } from '../../journal/stored-entry.ts'
import type { ReleaseLedger } from '../../ports/release-ledger.ts'
import type { Row, Session, Statement } from './connections.ts'
import { openedLater } from './opened-later.ts'
import { nameOf, type JournalServer } from './server.ts'
import { beginAlone } from './transaction.ts'
import { untilAnswered } from './until-answered.ts'

const ASK_MS = 2_000

export type PostgresLedger = ReleaseLedger & {
  /** Throws the `Fault` that keeps it from being read or written. */
  check(): Promise<void>
  close(): Promise<void>
}

/** The release ledger beside the journal, for all processes on it, and no part of it. Connects when it is asked first. */
export function postgresLedger(server: JournalServer): PostgresLedger {
  const at = server.hosts.map(nameOf).join(', ')
  const opened = openedLater(server, ASK_MS)

  const read = (row: Row): LedgerEntry => {
    try {
      return parseEntry(row)
    } catch (cause) {
      const todo = 'restore it from a backup, or remove that row, and what it tells is forgotten'
      const state = `${String(row['service'])} on ${String(row['host'])}`
      const detail = `the release ledger on ${at} is damaged (a state of ${state} is not what was written); ${todo}`
      throw ledgerFault(detail, cause)
    }
  }

  async function ask(text: string, values?: readonly unknown[]): Promise<readonly LedgerEntry[]> {
    return (await opened.ask(text, values)).map(read)
  }

  /** Alone among those who write it: writes what `run` answers. Whether it did: `null` leaves all as it is. */
  async function alone(
    run: (session: Session) => Promise<readonly Statement[] | null>,
  ): Promise<boolean> {
    const connections = await opened.connections()
    return untilAnswered(ASK_MS, (withinMs) =>
      connections.use(withinMs, async (session) => {
        await beginAlone('releases', { connections, session })
        const statements = await run(session)
        if (statements === null) await session.ask('ROLLBACK')
        else await session.commit(statements)
        return statements !== null
      }),
    )
  }

  return {
    async entries(services) {
      return newestFirst(await ask(`${STATES} WHERE service = ANY ($1)`, [services]))
    },
    async put(entries, known) {
      if (entries.length === 0) return
      const isPut = await alone(async (session) => {
        const there = (await session.ask(IN_PLACES, placesOf(entries))).map(read)
        const forget = putting(entries, there, known)
        return forget && [writingStates(entries), removing(forget)]
      })
      if (!isPut) throw recordedSince()
    },
    async check() {
      await ask(STATES)
      // Nothing is written, and every right is needed for it all the same.
      await alone(async () => [writingStates([]), removing([])])
    },
    close: opened.close,
  }
}

const STATES = 'SELECT service, host, image, sha256, body, hash FROM backout.releases'

const IN_PLACES = `${STATES} WHERE (service, host) IN (SELECT * FROM unnest($1::text[], $2::text[]))`

function placesOf(entries: readonly LedgerEntry[]): readonly unknown[] {
  return [entries.map(({ service }) => service), entries.map(({ host }) => host)]
}

export function writingStates(entries: readonly LedgerEntry[]): Statement {
  const rows = entries.map(storedEntry)
  return {
    text: `INSERT INTO backout.releases (service, host, image, sha256, body, hash)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
     ON CONFLICT (service, host, image, sha256) DO UPDATE SET body = excluded.body, hash = excluded.hash`,
    values: (['service', 'host', 'image', 'sha256', 'body', 'hash'] as const).map((column) =>
      rows.map((row) => row[column]),
    ),
  }
}

function removing(entries: readonly LedgerEntry[]): Statement {
  return {
    text: `DELETE FROM backout.releases USING
       unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS old (service, host, image, sha256)
     WHERE releases.service = old.service AND releases.host = old.host
       AND releases.image = old.image AND releases.sha256 = old.sha256`,
    values: [
      ...placesOf(entries),
      entries.map(({ image }) => image.id),
      entries.map(({ sha256 }) => sha256),
    ],
  }
}
