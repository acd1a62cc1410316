import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Head } from '../ports/journal.ts'

/** A row as a journal keeps it. */
export const StoredRow = z.object({
  position: z.int(),
  incident: z.string(),
  sequence: z.int(),
  at: z.string(),
  delivery: z.string().nullable(),
  /** The event's type once more, for finding it. */
  type: z.string(),
  body: z.string(),
  hash: z.string(),
})
export type HashedRow = Readonly<z.infer<typeof StoredRow>>

/** The same without its hash. */
export type Row = Omit<HashedRow, 'hash'>

/** The newest row, as far as it is a head. */
export const StoredHead = StoredRow.pick({ position: true, hash: true })

/** What the first event is chained to. */
export const GENESIS = hash('sha256', 'backout journal, layout 1')

/** Of a journal without an event. */
export const NO_EVENT: Head = { position: 0, hash: GENESIS }

/** Every event's hash covers all its columns and the hash before it: changing one changes all after it. */
export function chained(previous: string, row: Row): string {
  const { position, incident, sequence, at, delivery, type, body } = row
  const columns = [previous, position, incident, sequence, at, delivery, type, body]
  return hash('sha256', JSON.stringify(columns))
}
