import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Fault } from '../../domain/base/fault.ts'
import { ledgerFault, parseEntry } from '../../journal/stored-entry.ts'
import type { LedgerEntry } from '../../ports/release-ledger.ts'
import { inTransaction, makePrivate, numberIn } from '../../machine/sqlite-file.ts'
import { guardedAs, type FileKind } from './faults.ts'

/** Of a ledger, and nobody else's: what another program has written is refused, and left as it is. */
const APPLICATION = 0x424f_524c

/** A ledger of another layout is refused, never converted in passing. */
const LAYOUT = 1

/** A look that meets a lock is taken again in a minute: nothing else of the program waits for it. */
const BUSY_TIMEOUT_MS = 100

const STATES = `
  CREATE TABLE states (
    service TEXT NOT NULL,
    host TEXT NOT NULL,
    image TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (service, host, image, sha256)
  ) STRICT, WITHOUT ROWID;`

const WHEN_DAMAGED = 'restore it from a backup, or move it away and what ran before is forgotten'

const LEDGER: FileKind = { name: 'release ledger', whenDamaged: WHEN_DAMAGED }

/** The ledger's file in the folder of the journal. */
export function ledgerFile(folder: string): string {
  return join(folder, 'releases.sqlite')
}

/** Runs something on the ledger's file; what SQLite throws becomes a `Fault` in words. */
export function guardedLedger<Result>(file: string, run: () => Result): Result {
  return guardedAs(LEDGER, file, run)
}

/** Opens it, or makes it where there is none. */
export function openLedger(file: string): DatabaseSync {
  return guardedLedger(file, () => {
    if (!existsSync(file)) makeLedger(file)
    makePrivate(file)
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
    try {
      refuseOthers(file, database)
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      return database
    } catch (error) {
      database.close()
      throw error
    }
  })
}

/** Under another name until it is whole: an empty file is then one that has lost what it held. */
function makeLedger(file: string): void {
  const made = `${file}.${process.pid}.new`
  try {
    rmSync(made, { force: true })
    makePrivate(made)
    const database = new DatabaseSync(made)
    try {
      inTransaction(database, () => create(database))
    } finally {
      database.close()
    }
    // What the last one of that name has left beside it would be taken for the new one's.
    for (const left of [`${file}-wal`, `${file}-shm`]) rmSync(left, { force: true })
    if (!existsSync(file)) renameSync(made, file)
  } finally {
    rmSync(made, { force: true })
  }
}

/** Writes what stands there already: a commit like any other, that changes nothing. */
export function proveLedgerWritable(file: string, database: DatabaseSync): void {
  guardedLedger(file, () => inTransaction(database, () => writeLayout(database)))
}

function create(database: DatabaseSync): void {
  database.exec(STATES)
  database.exec(`PRAGMA application_id = ${APPLICATION}`)
  writeLayout(database)
}

function writeLayout(database: DatabaseSync): void {
  database.exec(`PRAGMA user_version = ${LAYOUT}`)
}

function refuseOthers(file: string, database: DatabaseSync): void {
  const layout = numberIn(database, 'user_version')
  const application = numberIn(database, 'application_id')
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'])
  if (tables === 0) throw damagedLedger(file, 'it is empty')
  if (application !== APPLICATION) {
    throw ledgerFault(`${file} is not a release ledger: another program has made it`)
  }
  if (layout !== LAYOUT) {
    throw ledgerFault(
      `the release ledger ${file} has layout ${layout}, this version of Backout writes layout ${LAYOUT}`,
    )
  }
  const found = String(database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'])
  if (found !== 'ok') throw damagedLedger(file, found)
}

/** A row of it. Throws the `Fault` of a damaged ledger where it is none of ours. */
export function entryIn(file: string, row: unknown): LedgerEntry {
  try {
    return parseEntry(row)
  } catch (cause) {
    throw damagedLedger(file, 'a state in it is not what was written', cause)
  }
}

function damagedLedger(file: string, how: string, cause?: unknown): Fault {
  return ledgerFault(`the release ledger ${file} is damaged (${how}); ${WHEN_DAMAGED}`, cause)
}
