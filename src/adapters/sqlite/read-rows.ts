import { z } from 'zod'
import { NO_EVENT, StoredRow, type HashedRow } from '../../journal/chain.ts'
import type { Holder } from '../../journal/write-append.ts'
import type { Head } from '../../ports/journal.ts'
import { guarded, openForReading } from './database.ts'

const Held = z.object({ target: z.string(), incident: z.string(), plan: z.int() })

const PAGE = 500

/** All that is in a journal, to be written into another one. Changes nothing. */
export type JournalRows = {
  /** The next ones after this position; none: that was all. */
  after(position: number): readonly HashedRow[]
  holds(): readonly (Holder & { readonly target: string })[]
  head(): Head
  close(): void
}

export function readRows(file: string): JournalRows {
  const database = openForReading(file)
  const all = (sql: string, ...values: number[]) =>
    guarded(file, () => database.prepare(sql).all(...values))
  return {
    after: (position) =>
      all(`SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ${PAGE}`, position).map(
        (row) => StoredRow.parse(row),
      ),
    holds: () => {
      // Journals of before there were holds have no such table, until they are opened for writing.
      const there = all(`SELECT 1 FROM sqlite_schema WHERE name = 'holds'`).length > 0
      return there ? all('SELECT * FROM holds').map((row) => Held.parse(row)) : []
    },
    head: () => {
      const [last] = all('SELECT * FROM events ORDER BY position DESC LIMIT 1')
      return last ? StoredRow.parse(last) : NO_EVENT
    },
    close: () => database.close(),
  }
}
