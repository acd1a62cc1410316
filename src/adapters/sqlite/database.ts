import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../domain/base/fault.ts'
import { inTransaction, makePrivate } from '../../machine/sqlite-file.ts'
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

/**
 * So many kB of it are kept by SQLite itself. By its own default it is 2 MB, which each of many environments fills
 * with what is read once and stands in memory folded; the system keeps the file as well.
 */
const CACHE_KB = 128

/** Opens or creates the journal file. Every commit is on disk before it returns (WAL, synchronous=FULL). */
export function openForWriting(file: string): DatabaseSync {
  return guarded(file, () => {
    makePrivate(file)
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -${CACHE_KB}`,
    )
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
