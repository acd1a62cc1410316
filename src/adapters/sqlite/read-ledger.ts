import { DatabaseSync } from 'node:sqlite'
import type { LedgerEntry } from '../../ports/release-ledger.ts'
import { entryIn, guardedLedger } from './ledger-file.ts'

/** All that is in a release ledger, to be written into another one. Changes nothing. */
export function readLedger(file: string): readonly LedgerEntry[] {
  return guardedLedger(file, () => {
    using database = new DatabaseSync(file, { readOnly: true })
    const rows = database.prepare('SELECT * FROM states').all()
    return rows.map((row) => entryIn(file, row))
  })
}
