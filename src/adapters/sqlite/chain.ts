import { createHash } from 'node:crypto'

/** A row of the journal, without its hash. */
export type Row = {
  readonly position: number
  readonly incident: string
  readonly sequence: number
  readonly at: string
  readonly delivery: string | null
  /** The event's type once more, for finding it. */
  readonly type: string
  readonly body: string
}

/** What the first event is chained to. */
export const GENESIS = createHash('sha256').update('backout journal, layout 1').digest('hex')

/** Every event's hash covers all its columns and the hash before it: changing one changes all after it. */
export function chained(previous: string, row: Row): string {
  const { position, incident, sequence, at, delivery, type, body } = row
  return createHash('sha256')
    .update(JSON.stringify([previous, position, incident, sequence, at, delivery, type, body]))
    .digest('hex')
}
