import { Fault } from '../../domain/base/fault.ts'
import { headlineOf } from '../../journal/headline.ts'
import { deliveriesOf, writeAppend, type AskedAppend } from '../../journal/write-append.ts'
import type { Appended, Head } from '../../ports/journal.ts'
import type { Connections, Session, Statement } from './connections.ts'
import { LAYOUT } from './layout.ts'
import { naming, WRITING } from './lock-holder.ts'
import { WAIT_FOR_DISK, WAIT_FOR_LOCK, type LayoutMark } from './transaction.ts'
import { EVENTS, turnStore } from './turn-store.ts'

/** What was seen of the journal when we have written last. */
export type Seen = { readonly newest: Head; readonly mark: LayoutMark }

/** What the append of one event comes to where nobody else has written since. */
export type Foreseen = {
  readonly outcomes: readonly Appended[]
  /** Once it is written. */
  readonly seen: Seen
  /** Writes it where that is so, and else nothing. */
  readonly statement: Statement
}

/**
 * In one statement, which is a transaction of its own: the event, where the newest one is that which it is chained to,
 * and its incident has come as far as its writer has seen. What is read was true when the statement began: whoever has
 * written since has taken the position, and it is refused. A statement that arrives late, after somebody has looked
 * whether it was written, finds the layout's row touched, and writes nothing.
 */
export const WRITE_FORESEEN = `
  INSERT INTO ${EVENTS}
  SELECT $1::bigint, $2::text, $3::int, $4::text, NULL, $5::text, $6::text, $7::text
  FROM backout.layout
  WHERE layout.xmin = $9::xid AND written_by_from <= ${LAYOUT}
    AND ${WAIT_FOR_DISK} IN ('on', 'remote_apply') AND ${WAIT_FOR_LOCK} IS NOT NULL
    AND (SELECT hash FROM backout.events ORDER BY position DESC LIMIT 1) = $8::text
    AND coalesce((SELECT max(sequence) FROM backout.events WHERE incident = $2::text), 0) = $3 - 1
  FOR NO KEY UPDATE OF layout`

/** `null`: it has to be looked up. */
export function foresee(asked: readonly AskedAppend[], known: Seen | null): Foreseen | null {
  const [only, another] = asked
  if (!known || !only || another) return null
  const { newest, mark } = known
  const { incident, seen, holds, releases } = only.append
  const isOfEventsAlone = !holds && releases === undefined && deliveriesOf(only.append).length === 0
  if (seen === 'any' || !isOfEventsAlone) return null

  const last = [{ incident, sequence: seen }]
  const store = turnStore({ head: newest, deliveries: null, last, holds: null })
  const outcomes = [writeAppend(store, only)]
  const [row, more] = store.rows
  if (!row || more || headlineOf(row.type, row.body)) return null
  const { position, sequence, at, type, body, hash } = row
  const values = [position, incident, sequence, at, type, body, hash, newest.hash, mark]
  return { outcomes, seen: { newest: row, mark }, statement: { text: WRITE_FORESEEN, values } }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: unique_violation. */
const TAKEN = '23505'

/** Whether it was as foreseen, and is written. */
export async function writeForeseen(
  at: { readonly connections: Connections; readonly session: Session },
  { statement }: Foreseen,
): Promise<boolean> {
  try {
    return (await naming(WRITING, at, at.session.commitAlone(statement))) > 0
  } catch (error) {
    if (error instanceof Fault && error.code === TAKEN) return false
    throw error
  }
}
