import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

/**
 * Before it is opened: SQLite gives the files it makes beside a database the database's own mode. Where
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

/** Whose a file says it is, and which layout it has. */
export function numberIn(
  database: DatabaseSync,
  pragma: 'user_version' | 'application_id',
): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma])
}
