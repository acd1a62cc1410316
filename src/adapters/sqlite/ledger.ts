import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../domain/base/fault.ts'
import { forgotten, keyOf, MAX_STATES, newestFirst } from '../../domain/workload/ledger.ts'
import type { LedgerEntry, ReleaseLedger } from '../../ports/release-ledger.ts'
import { inTransaction } from '../../machine/sqlite-file.ts'
import { guardedLedger, ledgerFault, openLedger, proveLedgerWritable } from './ledger-file.ts'
import { parseEntry, storedEntry } from './stored-entry.ts'

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
      for (const row of queries.all.iterate()) parseEntry(file, row)
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
        return newestFirst(rows.map((row) => parseEntry(file, row)))
      })
    },
    async put(entries) {
      if (entries.length === 0) return
      using(({ database, queries }) =>
        inTransaction(database, () => {
          for (const entry of entries) write(queries, entry)
          keepBounded(file, queries, entries)
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

function keepBounded(
  file: string,
  queries: Opened['queries'],
  justSeen: readonly LedgerEntry[],
): void {
  const keys = new Set(justSeen.map(keyOf))
  const places = new Map(justSeen.map((one) => [JSON.stringify([one.service, one.host]), one]))
  for (const { service, host } of places.values()) {
    if (Number(queries.count.get(service, host)?.['states']) <= MAX_STATES) continue
    const there = queries.ofPlace.all(service, host).map((row) => parseEntry(file, row))
    for (const { image, sha256 } of forgotten(there, keys)) {
      queries.remove.run(service, host, image.id, sha256)
    }
  }
}

function prepare(database: DatabaseSync) {
  const place = 'service = ? AND host = ?'
  return {
    all: database.prepare('SELECT * FROM states'),
    ofServices: database.prepare(
      'SELECT * FROM states WHERE service IN (SELECT value FROM json_each(?))',
    ),
    ofPlace: database.prepare(`SELECT * FROM states WHERE ${place}`),
    count: database.prepare(`SELECT count(*) AS states FROM states WHERE ${place}`),
    put: database.prepare('INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?, ?, ?)'),
    remove: database.prepare(`DELETE FROM states WHERE ${place} AND image = ? AND sha256 = ?`),
  }
}
