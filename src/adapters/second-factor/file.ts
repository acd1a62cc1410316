import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../domain/base/fault.ts'
import { oneAfterAnother } from '../../domain/base/one-after-another.ts'
import { inTransaction, makePrivate, numberIn } from '../../machine/sqlite-file.ts'
import type { SecondFactorPlace } from '../../ports/second-factor.ts'
import { fileRows } from './rows.ts'
import { secondFactorFault } from './seal.ts'

/** Of this store, and nobody else's. */
const APPLICATION = 0x424f_5346
const LAYOUT = 1

/** How long to wait for another one that writes, and how long between two tries, in milliseconds. */
const BUSY_MS = 2_000
const AGAIN_MS = 5

const TABLES = `
  CREATE TABLE people (
    user TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    handle TEXT NOT NULL UNIQUE,
    secret BLOB NOT NULL,
    made INTEGER NOT NULL,
    proved INTEGER,
    confirmed INTEGER,
    confirmed_by TEXT,
    last_step INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE links (user TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, until INTEGER NOT NULL) STRICT;
  CREATE TABLE wrong (user TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE INDEX wrong_by_user ON wrong (user, at);
  CREATE TABLE answers (key TEXT PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
  CREATE TABLE sealed (what TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;`

/** Second factors in a file of their own, which is made where there is none. */
export async function openSecondFactorFile(file: string): Promise<SecondFactorPlace> {
  const opens = async () => {
    makePrivate(file)
    const opened = new DatabaseSync(file)
    return prepared(opened, file, () => {
      opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      inTransaction(opened, () => {
        if (numberIn(opened, 'user_version') === 0) create(opened)
      })
    })
  }
  return placeOf(file, await guarded(file, () => untilFree(opens)))
}

/** The same to read alone, as it is: nothing is made, and nothing is changed. */
export async function readSecondFactorFile(file: string): Promise<SecondFactorPlace> {
  const database = await guarded(file, async () => {
    const opened = new DatabaseSync(file, { readOnly: true })
    return prepared(opened, file, () => {})
  })
  return placeOf(file, database)
}

function placeOf(file: string, database: DatabaseSync): SecondFactorPlace {
  const rows = fileRows(database)
  /** Nothing comes between what is done as a whole. */
  const inTurn = oneAfterAnother()
  const asked = <Result>(run: () => Promise<Result>): Promise<Result> =>
    inTurn(() => guarded(file, () => untilFree(run)))

  return {
    each: (run) => asked(() => run(rows)),
    whole: (run) =>
      asked(async () => {
        // The write lock from the first look to the last word: another process waits.
        database.exec('BEGIN IMMEDIATE')
        try {
          const result = await run(rows)
          database.exec('COMMIT')
          return result
        } catch (error) {
          if (database.isTransaction) database.exec('ROLLBACK')
          throw error
        }
      }),
    close: () => inTurn(async () => database.close()),
  }
}

function prepared(database: DatabaseSync, file: string, make: () => void): DatabaseSync {
  try {
    make()
    const application = numberIn(database, 'application_id')
    if (application !== APPLICATION || numberIn(database, 'user_version') !== LAYOUT) {
      throw secondFactorFault(`${file} is not a store of second factors that this version writes`)
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function create(database: DatabaseSync): void {
  const { n } = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get() ?? {}
  if (Number(n) > 0) return
  database.exec(TABLES)
  database.exec(`PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${LAYOUT}`)
}

/** https://www.sqlite.org/rescode.html#busy */
const BUSY = 5

/** Tries again while another one writes. SQLite itself would wait with everything else of ours (J9). */
async function untilFree<Result>(run: () => Promise<Result>): Promise<Result> {
  const until = performance.now() + BUSY_MS
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      return await run()
    } catch (error) {
      const code = error instanceof Error && 'errcode' in error ? error.errcode : null
      if (code !== BUSY || performance.now() > until) throw error
      // oxlint-disable-next-line no-await-in-loop -- as above
      await sleep(AGAIN_MS)
    }
  }
}

/** Runs something on it; what SQLite throws becomes a `Fault` in words. */
async function guarded<Result>(file: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof Fault) throw error
    const why = error instanceof Error ? error.message : String(error)
    const detail = `${file} cannot be used: ${why}`
    throw new Fault({ kind: 'retryable', dependency: 'signing', detail, cause: error })
  }
}
