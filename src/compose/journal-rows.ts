import type { HashedRow } from '../journal/chain.ts'
import type { JournalPlace } from '../config/journal-place.ts'

/** All rows of a journal, in order, wherever it is kept. Throws a `Fault`. Changes nothing. */
export async function* journalRows(place: JournalPlace): AsyncGenerator<HashedRow> {
  if (place.kind === 'server') {
    const { eachPostgresRow } = await import('../adapters/postgres/each-row.ts')
    yield* eachPostgresRow(place.server)
    return
  }
  const { readRows } = await import('../adapters/sqlite/read-rows.ts')
  const source = readRows(place.file)
  try {
    for (let rows = source.after(0); rows.length > 0;) {
      yield* rows
      rows = source.after(rows.at(-1)?.position ?? 0)
    }
  } finally {
    source.close()
  }
}
