import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { Event, type JournaledEvent } from '../../domain/incident/event.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Appended, Journal } from '../../ports/journal.ts'
import { chained, GENESIS } from './chain.ts'
import { guarded, openForWriting, writeLayout } from './database.ts'

const Stored = z.object({
  incident: z.string(),
  sequence: z.int(),
  at: z.string(),
  body: z.string(),
})
const Head = z.object({ position: z.int(), hash: z.string() })

export type SqliteJournal = Journal & { close(): void }

/** The journal's file in its folder, which is made if need be. What is in it is nobody else's business. */
export function journalFile(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    return join(folder, 'journal.sqlite')
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    const detail = `the folder ${folder} cannot be made or written (${why}); set BACKOUT_DATA`
    throw new Fault({ kind: 'terminal', dependency: 'journal', detail, code: why, cause })
  }
}

/** The journal in one SQLite file. An append is on disk when it returns, or it throws and nothing is. */
export function sqliteJournal(options: {
  readonly file: string
  readonly clock: Clock
}): SqliteJournal {
  const { file, clock } = options
  const database = openForWriting(file)
  const statements = prepare(database)

  function appendAll(
    incident: string,
    seen: number,
    events: readonly Event[],
    delivery: string | null,
  ): Appended {
    if (delivery !== null && statements.delivery.get(delivery)) return { kind: 'duplicate' }
    if (Number(statements.last.get(incident)?.['sequence'] ?? 0) !== seen)
      return { kind: 'conflict' }
    const head = statements.head.get()
    let { position, hash } = head ? Head.parse(head) : { position: 0, hash: GENESIS }
    const at = new Date(clock.now()).toISOString()
    const journaled = events.map((event, index): JournaledEvent => {
      const sequence = seen + index + 1
      position += 1
      const row = {
        position,
        incident,
        sequence,
        at,
        delivery: index === 0 ? delivery : null,
        type: event.type,
        body: JSON.stringify(event),
      }
      hash = chained(hash, row)
      statements.insert.run(
        position,
        incident,
        sequence,
        at,
        row.delivery,
        row.type,
        row.body,
        hash,
      )
      return { incident, sequence, at, event }
    })
    return { kind: 'appended', events: journaled }
  }

  return {
    read(incident, after = 0) {
      return guarded(file, () => statements.read.all(incident, after)).map(parseStored)
    },
    append(incident, seen, events, { delivery } = {}) {
      const appending = () => appendAll(incident, seen, events, delivery ?? null)
      return guarded(file, () =>
        database.isTransaction ? appending() : inTransaction(database, appending),
      )
    },
    together(run) {
      return guarded(file, () => inTransaction(database, run))
    },
    declared() {
      return guarded(file, () => statements.declared.all()).map(({ incident }) => String(incident))
    },
    recent(lastMs) {
      return guarded(file, () => {
        const lastAt = statements.lastAt.get()?.['at']
        if (typeof lastAt !== 'string') return []
        const since = new Date(Date.parse(lastAt) - lastMs).toISOString()
        return statements.recent.all(since)
      }).map(({ incident }) => String(incident))
    },
    check() {
      // A transaction that writes nothing begins on a read-only file too, and never meets a full disk.
      guarded(file, () => inTransaction(database, () => writeLayout(database)))
    },
    close() {
      database.close()
    },
  }
}

function prepare(database: DatabaseSync) {
  return {
    read: database.prepare(
      'SELECT incident, sequence, at, body FROM events WHERE incident = ? AND sequence > ? ORDER BY sequence',
    ),
    last: database.prepare('SELECT max(sequence) AS sequence FROM events WHERE incident = ?'),
    head: database.prepare('SELECT position, hash FROM events ORDER BY position DESC LIMIT 1'),
    delivery: database.prepare('SELECT 1 FROM events WHERE delivery = ?'),
    declared: database.prepare(
      `SELECT incident FROM events WHERE type = 'incident-declared' ORDER BY position DESC`,
    ),
    lastAt: database.prepare('SELECT at FROM events ORDER BY position DESC LIMIT 1'),
    recent: database.prepare(
      'SELECT incident FROM events WHERE at >= ? GROUP BY incident ORDER BY max(position) DESC',
    ),
    insert: database.prepare(
      'INSERT INTO events (position, incident, sequence, at, delivery, type, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
  }
}

/** All or nothing, and the write lock is taken first: what is read inside stays true until the commit. */
function inTransaction<Result>(database: DatabaseSync, run: () => Result): Result {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = run()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // SQLite rolls back by itself on a full disk; a second ROLLBACK would hide the real error.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** A row that cannot be an event of ours stops the reading of that incident (J3). */
export function parseStored(stored: unknown): JournaledEvent {
  try {
    const { incident, sequence, at, body } = Stored.parse(stored)
    return { incident, sequence, at, event: Event.parse(JSON.parse(body)) }
  } catch (cause) {
    throw new Fault({
      kind: 'terminal',
      dependency: 'journal',
      detail: 'an event in the journal cannot be read; run verify-journal',
      cause,
    })
  }
}
