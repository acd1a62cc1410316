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

export type HashedRow = Row & { readonly hash: string }

/** Where the journal ends. */
export type Head = { readonly position: number; readonly hash: string }

/** What the first event is chained to. */
export const GENESIS = createHash('sha256').update('backout journal, layout 1').digest('hex')

/** Of a journal without an event. */
export const NO_EVENT: Head = { position: 0, hash: GENESIS }

/** Every event's hash covers all its columns and the hash before it: changing one changes all after it. */
export function chained(previous: string, row: Row): string {
  const { position, incident, sequence, at, delivery, type, body } = row
  return createHash('sha256')
    .update(JSON.stringify([previous, position, incident, sequence, at, delivery, type, body]))
    .digest('hex')
}
