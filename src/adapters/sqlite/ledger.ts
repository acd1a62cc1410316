import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../domain/base/fault.ts'
import { newestFirst } from '../../domain/workload/ledger.ts'
import { placeOf, putting } from '../../domain/workload/put-states.ts'
import { ledgerFault, recordedSince, storedEntry } from '../../journal/stored-entry.ts'
import type { LedgerEntry, ReleaseLedger } from '../../ports/release-ledger.ts'
import { inTransaction } from '../../machine/sqlite-file.ts'
import { entryIn, guardedLedger, openLedger, proveLedgerWritable } from './ledger-file.ts'

export type SqliteLedger = ReleaseLedger & {
  /** Throws the `Fault` that keeps it from being read or written. */
  check(): Promise<void>
  close(): void
}

type Opened = { readonly database: DatabaseSync; readonly queries: ReturnType<typeof prepare> }

/**
 * The ledger in one SQLite file, which is opened when it is asked first, and again after it could not be
 * used: a file that is mended or moved away is found without a restart.
 */
export function sqliteLedger({ file }: { readonly file: string }): SqliteLedger {
  let opened: Opened | null = null
  let closed = false
  const read = (row: unknown): LedgerEntry => entryIn(file, row)

  function open(): Opened {
    if (closed) throw ledgerFault(`the release ledger ${file} is closed`)
    const database = openLedger(file)
    try {
      const queries = guardedLedger(file, () => prepare(database))
      readThrough(queries)
      return { database, queries }
    } catch (error) {
      database.close()
      throw error
    }
  }

  /** Damage is told at once, whichever service it is of. */
  function readThrough(queries: Opened['queries']): void {
    guardedLedger(file, () => {
      for (const row of queries.all.iterate()) read(row)
    })
  }

  function using<Result>(run: (opened: Opened) => Result): Result {
    const now = (opened ??= open())
    try {
      return guardedLedger(file, () => run(now))
    } catch (error) {
      if (error instanceof Fault && error.kind === 'terminal') letGo()
      throw error
    }
  }

  function letGo(): void {
    opened?.database.close()
    opened = null
  }

  return {
    async entries(services) {
      return using(({ queries }) => {
        const rows = queries.ofServices.all(JSON.stringify(services))
        return newestFirst(rows.map(read))
      })
    },
    async put(entries, known) {
      if (entries.length === 0) return
      using(({ database, queries }) =>
        inTransaction(database, () => {
          const places = new Map(entries.map((one) => [placeOf(one), one]))
          const there = [...places.values()].flatMap(({ service, host }) =>
            queries.ofPlace.all(service, host).map(read),
          )
          const forget = putting(entries, there, known)
          if (forget === null) throw recordedSince()
          for (const entry of entries) write(queries, entry)
          for (const one of forget) remove(queries, one)
        }),
      )
    },
    async check() {
      using(({ database, queries }) => {
        readThrough(queries)
        proveLedgerWritable(file, database)
      })
    },
    close() {
      closed = true
      letGo()
    },
  }
}

function write(queries: Opened['queries'], entry: LedgerEntry): void {
  const { service, host, image, sha256, body, hash } = storedEntry(entry)
  queries.put.run(service, host, image, sha256, body, hash)
}

function remove(queries: Opened['queries'], { service, host, image, sha256 }: LedgerEntry): void {
  queries.remove.run(service, host, image.id, sha256)
}

function prepare(database: DatabaseSync) {
  const place = 'service = ? AND host = ?'
  return {
    all: database.prepare('SELECT * FROM states'),
    ofServices: database.prepare(
      'SELECT * FROM states WHERE service IN (SELECT value FROM json_each(?))',
    ),
    ofPlace: database.prepare(`SELECT * FROM states WHERE ${place}`),
    put: database.prepare('INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?, ?, ?)'),
    remove: database.prepare(`DELETE FROM states WHERE ${place} AND image = ? AND sha256 = ?`),
  }
}
