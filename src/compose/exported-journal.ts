import { stringify } from 'csv-stringify/sync'
import { jsonOf } from '../domain/base/json-of.ts'
import { redact } from '../domain/text/redact.ts'
import type { HashedRow } from '../journal/chain.ts'

/** Every row as it is kept, so that the chain can be proved of the copy alone. */
export async function* asJsonLines(rows: AsyncIterable<HashedRow>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`
}

const COLUMNS = ['event', 'at', 'incident', 'sequence', 'type', 'by', 'details', 'hash'] as const

/** A table for people and spreadsheets. What looks like a credential is hidden, and nothing is a formula. */
export async function* asTable(rows: AsyncIterable<HashedRow>): AsyncGenerator<string> {
  yield csv(COLUMNS)
  for await (const { position, at, incident, sequence, type, body, hash } of rows) {
    const { by, details } = inBody(body)
    yield csv([position, at, incident, sequence, type, by, redact(details), hash])
  }
}

function csv(cells: readonly (string | number)[]): string {
  return stringify([[...cells]], { escape_formulas: true, record_delimiter: 'windows' })
}

function inBody(body: string): { readonly by: string; readonly details: string } {
  const fields = jsonOf(body)
  if (typeof fields !== 'object' || fields === null) return { by: '', details: body }
  const { type: _, ...rest } = { type: null, ...fields }
  const by = 'by' in rest && typeof rest.by === 'string' ? rest.by : ''
  return { by, details: JSON.stringify(rest) }
}
