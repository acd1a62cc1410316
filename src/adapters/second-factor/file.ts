import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../domain/base/fault.ts'
import { inTransaction, makePrivate, numberIn } from '../../machine/sqlite-file.ts'
import { secondFactorFault, type Seal } from './seal.ts'

/** Of this store, and nobody else's. */
const APPLICATION = 0x424f_5346
const LAYOUT = 1

/** How long to wait for another process that has it, in milliseconds. */
const BUSY_TIMEOUT_MS = 2_000

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

/** Opens only with the key that the store was made with. */
const PROOF = 'proof'

export function secondFactorFile(folder: string): string {
  return join(folder, 'second-factor.sqlite')
}

/** Opens it, or makes it where there is none. Throws a `Fault`, also where the key is another one. */
export function openSecondFactorFile(file: string, seal: Seal): DatabaseSync {
  return guarded(file, () => {
    makePrivate(file)
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      inTransaction(database, () => {
        if (numberIn(database, 'user_version') === 0) create(database, seal)
      })
      refuseOthers(file, database, seal)
      return database
    } catch (error) {
      database.close()
      throw error
    }
  })
}

/** Runs something on it; what SQLite throws becomes a `Fault` in words. */
export function guarded<Result>(file: string, run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    if (error instanceof Fault) throw error
    const why = error instanceof Error ? error.message : String(error)
    const detail = `${file} cannot be used: ${why}`
    throw new Fault({ kind: 'retryable', dependency: 'signing', detail, cause: error })
  }
}

function create(database: DatabaseSync, seal: Seal): void {
  const { n } = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get() ?? {}
  if (Number(n) > 0) return
  database.exec(TABLES)
  const proof = seal.close(PROOF, PROOF)
  database.prepare('INSERT INTO sealed VALUES (?, ?)').run(PROOF, proof)
  database.exec(`PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${LAYOUT}`)
}

function refuseOthers(file: string, database: DatabaseSync, seal: Seal): void {
  const application = numberIn(database, 'application_id')
  const layout = numberIn(database, 'user_version')
  if (application !== APPLICATION || layout !== LAYOUT) {
    throw secondFactorFault(`${file} is not a store of second factors that this version writes`)
  }
  const { body } = database.prepare('SELECT body FROM sealed WHERE what = ?').get(PROOF) ?? {}
  if (!(body instanceof Uint8Array)) throw secondFactorFault(`${file} is damaged`)
  seal.open(body, PROOF)
}
