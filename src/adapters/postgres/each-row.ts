import { StoredRow, type HashedRow } from '../../journal/chain.ts'
import { openConnections } from './connections.ts'
import { QUESTIONS } from './questions.ts'
import type { JournalServer } from './server.ts'

const PAGE_MS = 10_000

/** All rows of the journal, in order, page by page. Throws a `Fault`. Changes nothing. */
export async function* eachPostgresRow(server: JournalServer): AsyncGenerator<HashedRow> {
  const connections = openConnections(server)
  try {
    for (let last = 0; ;) {
      const position = last
      // oxlint-disable-next-line no-await-in-loop -- one page after the other
      const rows = await connections.use(PAGE_MS, (session) =>
        session.ask(QUESTIONS.rows, [position]),
      )
      if (rows.length === 0) return
      for (const row of rows) {
        const read = StoredRow.parse(row)
        yield read
        last = read.position
      }
    }
  } finally {
    await connections.close()
  }
}
