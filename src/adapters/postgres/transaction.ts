import { Fault } from '../../domain/base/fault.ts'
import type { Connections, Session } from './connections.ts'
import { refuseNewer } from './layout.ts'
import { naming, WRITING, type HeldLock } from './lock-holder.ts'

/** How long one waits for whoever writes now, in milliseconds. */
const LOCK_MS = 1_500
/** The server itself breaks off what nobody waits for any more. */
const STATEMENT_MS = 5_000

/*
 * All that a commit needs is set in the transaction itself: a pooler may give every one of them another
 * session. What waits for more than `on` does (remote_apply) stays as it is.
 */
export const WAIT_FOR_DISK = `
  set_config('synchronous_commit', CASE current_setting('synchronous_commit')
    WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)`
export const WAIT_FOR_LOCK = `set_config('lock_timeout', '${LOCK_MS}', true)`

const SETTINGS = `
  BEGIN ISOLATION LEVEL READ COMMITTED;
  SELECT
    ${WAIT_FOR_DISK},
    ${WAIT_FOR_LOCK},
    set_config('statement_timeout', '${STATEMENT_MS}', true),
    set_config('idle_in_transaction_session_timeout', '${STATEMENT_MS}', true);`

const LAYOUT = `
  SELECT version, written_by_from, xmin::text AS mark, current_setting('synchronous_commit') AS waits
  FROM backout.layout`

/** One for all that write second factors: "second" in letters' numbers, as far as they go. */
const ALONE_LOCK = 0x7365_636f

/** The lock of the journal, and that of the second factors, which holds up no event. */
const JOURNAL = `${SETTINGS} ${LAYOUT} FOR NO KEY UPDATE`
const ALONE = `${SETTINGS} SELECT pg_advisory_xact_lock(${ALONE_LOCK}); ${LAYOUT}`

/** Of the layout's row, as it was touched last. */
export type LayoutMark = string

/**
 * Begins a transaction that is alone in writing: whoever comes next waits for its end. So positions become
 * visible in their order, and nobody who follows passes one that is committed later (see docs/decisions.md).
 */
export function beginWriting(connections: Connections, session: Session): Promise<LayoutMark> {
  return naming(WRITING, { connections, session }, begin(session, JOURNAL))
}

const SECOND_FACTORS: HeldLock = { what: 'holds the second factors', advisory: ALONE_LOCK }

/** The same for second factors: alone among those who write them, and as durable. */
export async function beginAlone(connections: Connections, session: Session): Promise<void> {
  await naming(SECOND_FACTORS, { connections, session }, begin(session, ALONE))
}

async function begin(session: Session, statements: string): Promise<LayoutMark> {
  const [layout] = await session.ask(statements)
  if (!layout) throw wrong(`the journal on ${session.at} has lost its layout`)
  refuseNewer(layout)
  const { waits, mark } = layout
  if (waits === 'on' || waits === 'remote_apply') return String(mark)
  throw wrong(
    `the journal on ${session.at}: synchronous_commit is ${String(waits)} there and cannot be switched on, so that what is written could be lost`,
  )
}

/**
 * Something that is written and changes nothing: its commit confirms all that was written before it. What is still on its
 * way, and was foreseen with the mark from before, is not written any more.
 */
export async function touch(session: Session): Promise<void> {
  await session.ask('UPDATE backout.layout SET version = version')
}

function wrong(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency: 'journal', detail })
}
