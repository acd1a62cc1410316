import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../domain/base/fault.ts'
import { guardedAs, type FileKind } from './faults.ts'
import {
  addWhatIsMissing,
  createEvents,
  LAYOUT,
  lacksAdditions,
  layoutOf,
  writeLayout,
} from './layout.ts'

/** How long to wait for another process that holds the file, in milliseconds. */
const BUSY_TIMEOUT_MS = 500

/** Opens or creates the journal file. Every commit is on disk before it returns (WAL, synchronous=FULL). */
export function openForWriting(file: string): DatabaseSync {
  return guarded(file, () => {
    makePrivate(file)
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    const layout = layoutOf(database)
    if (layout !== 0) refuseOther(layout)
    if (layout === 0 || lacksAdditions(database)) {
      inTransaction(database, () => {
        if (layout === 0) createEvents(database)
        addWhatIsMissing(database)
      })
    }
    return database
  })
}

/**
 * Before it is opened: SQLite gives the files it makes beside a journal the journal's own mode. Where
 * a volume hands us somebody else's file, we may not: then its folder is what protects it, and whether
 * it can be written is told by the first who writes.
 */
export function makePrivate(file: string): void {
  if (file === ':memory:') return
  // Only a new file, ever: to close one that is open elsewhere in this process drops SQLite's locks on it.
  tried(() => closeSync(openSync(file, 'wx', 0o600)))
  for (const one of [file, `${file}-wal`, `${file}-shm`]) {
    tried(() => chmodSync(one, statSync(one).mode & 0o700))
  }
}

function tried(run: () => void): void {
  try {
    run()
  } catch {
    // It is there already, or not yet, or not ours.
  }
}

/** Opens an existing journal without changing it. */
export function openForReading(file: string): DatabaseSync {
  return guarded(file, () => {
    const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
    refuseOther(layoutOf(database))
    return database
  })
}

const JOURNAL: FileKind = {
  name: 'journal',
  whenDamaged: 'keep the file, and restore it from a backup',
}

/** Runs something on the journal file; what SQLite throws becomes a `Fault` in words. */
export function guarded<Result>(file: string, run: () => Result): Result {
  return guardedAs(JOURNAL, file, run)
}

/** All or nothing, and the write lock is taken first: what is read inside stays true until the commit. */
export function inTransaction<Result>(database: DatabaseSync, run: () => Result): Result {
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

/** A transaction that writes nothing begins on a read-only file too, and never meets a full disk. */
export function proveWritable(file: string, database: DatabaseSync): void {
  guarded(file, () => inTransaction(database, () => writeLayout(database)))
}

function refuseOther(layout: number): void {
  if (layout === LAYOUT) return
  throw new Fault({
    kind: 'terminal',
    dependency: 'journal',
    detail: `the journal has layout ${layout}, this version of Backout writes layout ${LAYOUT}`,
  })
}
